#include "rectify/kernel/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/statistics.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/elementwise-inl.h"

#ifndef RECTIFY_KERNEL_STATISTICS_TARGET
#define RECTIFY_KERNEL_STATISTICS_TARGET
namespace rectify::kernel {

/// A block of rows and a group of units, whole cache lines of a row, are what one task counts.
inline constexpr int64_t statistics_rows = 4096, statistics_units = 64;

template <class T>
struct StatisticsCall {
  const T* values;
  const T* inputs;  ///< may be the values
  int64_t rows, units;
  T below, above;   ///< the tails, rounded away from what they count
  UnitAccumulators into;
};

/// What was found of one block and one group.
template <class T>
struct UnitBlock {
  using Count = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
  alignas(64) double sum[statistics_units], sum_of_squares[statistics_units];
  T minimum[statistics_units], maximum[statistics_units];
  Count zeros[statistics_units], below[statistics_units], above[statistics_units], non_finite[statistics_units];
};

template <class T>
struct StatisticsTarget {
  void (*count)(const StatisticsCall<T>&, int64_t block, int64_t group, UnitBlock<T>& found);
  void (*merge)(const StatisticsCall<T>&, int64_t group, const UnitBlock<T>& found);
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

using Wide = hn::ScalableTag<double>;

/// Which vectors hold how many times a unit was counted.
template <class T>
using CountTag = hn::RebindToSigned<hn::ScalableTag<T>>;

/// How many vectors of float64 a vector of T becomes.
template <class T>
constexpr int64_t wide_parts = hn::MaxLanes(hn::ScalableTag<T>()) / hn::MaxLanes(Wide());

HWY_INLINE hn::Vec<Wide> wide_part(hn::Vec<hn::ScalableTag<double>> v, int64_t) { return v; }
HWY_INLINE hn::Vec<Wide> wide_part(hn::Vec<hn::ScalableTag<float>> v, int64_t part) {
  const hn::Rebind<float, Wide> half;
#if HWY_TARGET == HWY_SCALAR
  (void)part, (void)half;
  return hn::PromoteTo(Wide(), v);
#else
  return hn::PromoteTo(Wide(), part == 0 ? hn::LowerHalf(half, v) : hn::UpperHalf(half, v));
#endif
}

/// count + 1 where the mask is set.
template <class T>
HWY_INLINE hn::Vec<CountTag<T>> counted(hn::Mask<hn::ScalableTag<T>> mask, hn::Vec<CountTag<T>> count) {
  const CountTag<T> d;
#if HWY_TARGET <= HWY_AVX3
  const auto one = hn::Set(d, 1);
  if constexpr (sizeof(T) == 4) return hn::Vec<CountTag<T>>{_mm512_mask_add_epi32(count.raw, mask.raw, count.raw, one.raw)};
  else return hn::Vec<CountTag<T>>{_mm512_mask_add_epi64(count.raw, mask.raw, count.raw, one.raw)};
#else
  return hn::Sub(count, hn::BitCast(d, hn::VecFromMask(hn::ScalableTag<T>(), mask)));
#endif
}

/// x < least ? x : least, and the like for the largest: x that is NaN, or a zero beside another, changes nothing. Which is what x86 does; others differ there.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V lesser(D d, V x, V least) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  (void)d;
  return hn::Min(x, least);
#else
  (void)d;
  return hn::IfThenElse(hn::Lt(x, least), x, least);
#endif
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V greater(D d, V x, V largest) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  (void)d;
  return hn::Max(x, largest);
#else
  (void)d;
  return hn::IfThenElse(hn::Gt(x, largest), x, largest);
#endif
}

/// Counts the rows of a block for `vectors` vectors of units from `unit` on. With `checked`, what is not finite is counted and left out of the sums.
template <class T, int vectors, bool checked, bool has_inputs, class Access>
HWY_INLINE void count_vectors(const StatisticsCall<T>& call, const Access& access, int64_t row, int64_t row_end, int64_t unit, int64_t place, UnitBlock<T>& found) {
  const hn::ScalableTag<T> d;
  const CountTag<T> c;
  const Wide wide;
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>()), parts = wide_parts<T>;
  hn::Vec<Wide> sum[vectors][parts], squares[vectors][parts];
  hn::Vec<hn::ScalableTag<T>> minimum[vectors], maximum[vectors];
  hn::Vec<CountTag<T>> zeros[vectors], beyond_left[vectors], beyond_right[vectors], non_finite[vectors];
  RECTIFY_UNROLL
  for (int v = 0; v < vectors; ++v) {
    RECTIFY_UNROLL
    for (int64_t p = 0; p < parts; ++p) sum[v][p] = squares[v][p] = hn::Zero(wide);
    minimum[v] = hn::Set(d, std::numeric_limits<T>::infinity());
    maximum[v] = hn::Set(d, -std::numeric_limits<T>::infinity());
    zeros[v] = beyond_left[v] = beyond_right[v] = non_finite[v] = hn::Zero(c);
  }
  const auto below = hn::Set(d, call.below), above = hn::Set(d, call.above), zero = hn::Zero(d), largest = hn::Set(d, std::numeric_limits<T>::max());
  const T* value = call.values + row * call.units + unit;
  const T* input = call.inputs + row * call.units + unit;
  for (; row < row_end; ++row, value += call.units, input += call.units) {
    RECTIFY_UNROLL
    for (int v = 0; v < vectors; ++v) {
      auto x = access.load(value + v * lanes);
      const auto z = has_inputs ? access.load(input + v * lanes) : x;
      minimum[v] = lesser(d, x, minimum[v]);
      maximum[v] = greater(d, x, maximum[v]);
      zeros[v] = counted<T>(hn::Eq(x, zero), zeros[v]);
      beyond_left[v] = counted<T>(hn::Lt(z, below), beyond_left[v]);
      beyond_right[v] = counted<T>(hn::Gt(z, above), beyond_right[v]);
      if constexpr (checked) {
        const auto finite = hn::Le(hn::Abs(x), largest);
        non_finite[v] = counted<T>(hn::Not(finite), non_finite[v]);
        x = hn::IfThenElseZero(finite, x);  // a chain that begins at +0 is never -0, so that adding 0 changes nothing
      }
      RECTIFY_UNROLL
      for (int64_t p = 0; p < parts; ++p) {
        const auto w = wide_part(x, p);
        sum[v][p] = hn::Add(sum[v][p], w);
        squares[v][p] = fused(wide, w, w, squares[v][p]);
      }
    }
  }
  RECTIFY_UNROLL
  for (int v = 0; v < vectors; ++v) {
    const int64_t at = place + v * lanes;
    RECTIFY_UNROLL
    for (int64_t p = 0; p < parts; ++p) {
      hn::StoreU(sum[v][p], wide, found.sum + at + p * hn::MaxLanes(wide));
      hn::StoreU(squares[v][p], wide, found.sum_of_squares + at + p * hn::MaxLanes(wide));
    }
    hn::StoreU(minimum[v], d, found.minimum + at);
    hn::StoreU(maximum[v], d, found.maximum + at);
    hn::StoreU(zeros[v], c, found.zeros + at);
    hn::StoreU(beyond_left[v], c, found.below + at);
    hn::StoreU(beyond_right[v], c, found.above + at);
    hn::StoreU(non_finite[v], c, found.non_finite + at);
  }
}

/// The units of one group: two vectors at a time where there are registers for the counters of both.
template <class T, bool checked, bool has_inputs>
void count_group(const StatisticsCall<T>& call, int64_t block, int64_t group, UnitBlock<T>& found) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  constexpr int together = HWY_TARGET <= HWY_AVX3 ? 2 : 1;
  const int64_t row = block * statistics_rows, row_end = std::min(row + statistics_rows, call.rows);
  const int64_t first = group * statistics_units, end = std::min(first + statistics_units, call.units);
  int64_t unit = first;
  for (; unit + together * lanes <= end; unit += together * lanes) {
    count_vectors<T, together, checked, has_inputs>(call, WholeVector<T>(), row, row_end, unit, unit - first, found);
  }
  for (; unit + lanes <= end; unit += lanes) count_vectors<T, 1, checked, has_inputs>(call, WholeVector<T>(), row, row_end, unit, unit - first, found);
  if (unit < end) count_vectors<T, 1, checked, has_inputs>(call, FirstLanes<T>{static_cast<size_t>(end - unit)}, row, row_end, unit, unit - first, found);
}

/// Values that are not finite are rare, and the sum of squares shows them: only then are they looked for one by one.
template <class T>
void count_block(const StatisticsCall<T>& call, int64_t block, int64_t group, UnitBlock<T>& found) {
  const bool inputs = call.inputs != call.values;
  inputs ? count_group<T, false, true>(call, block, group, found) : count_group<T, false, false>(call, block, group, found);
  const int64_t width = std::min(statistics_units, call.units - group * statistics_units);
  double all = 0;
  for (int64_t j = 0; j < width; ++j) all += found.sum_of_squares[j];
  if (all <= std::numeric_limits<double>::max()) return;
  inputs ? count_group<T, true, true>(call, block, group, found) : count_group<T, true, false>(call, block, group, found);
}

/// Adds a block to the accumulators.
template <class T>
void merge_block(const StatisticsCall<T>& call, int64_t group, const UnitBlock<T>& found) {
  const int64_t first = group * statistics_units, width = std::min(statistics_units, call.units - first);
  const auto add = [&](auto* HWY_RESTRICT to, const auto* HWY_RESTRICT from) HWY_ATTR {
    for (int64_t j = 0; j < width; ++j) to[first + j] += from[j];
  };
  const UnitAccumulators& into = call.into;
  add(into.sum, found.sum);
  add(into.sum_of_squares, found.sum_of_squares);
  add(into.zeros, found.zeros);
  add(into.non_finite, found.non_finite);
  add(into.below, found.below);
  add(into.above, found.above);
  for (int64_t j = 0; j < width; ++j) {
    double &minimum = into.minimum[first + j], &maximum = into.maximum[first + j];
    minimum = found.minimum[j] < minimum ? found.minimum[j] : minimum;
    maximum = found.maximum[j] > maximum ? found.maximum[j] : maximum;
  }
}

template <class T>
const StatisticsTarget<T>& statistics_target() {
  static constexpr StatisticsTarget<T> target{&count_block<T>, &merge_block<T>};
  return target;
}
const StatisticsTarget<float>& statistics_target_float() { return statistics_target<float>(); }
const StatisticsTarget<double>& statistics_target_double() { return statistics_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(statistics_target_float);
HWY_EXPORT(statistics_target_double);
const StatisticsTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(statistics_target_float)(); }
const StatisticsTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(statistics_target_double)(); }

/// The smallest T that is not below the number, and the largest that is not above it: x < t is x < rounded_up(t) for every T x.
template <class T>
T rounded_up(double t) {
  const T near = static_cast<T>(t);
  return static_cast<double>(near) < t ? std::nextafter(near, std::numeric_limits<T>::infinity()) : near;
}
template <class T>
T rounded_down(double t) {
  return -rounded_up<T>(-t);
}

/// Elements per task: some microseconds of work.
constexpr int64_t task = 32768;

}  // namespace

template <class T>
void add_unit_statistics(const T* values, const T* inputs, int64_t rows, int64_t units, const CountedTails& tails, const UnitAccumulators& into) noexcept {
  if (rows <= 0 || units <= 0) return;
  const FloatingEnvironment environment;
  const StatisticsTarget<T>& target = target_for(T());
  const StatisticsCall<T> call{values, inputs != nullptr ? inputs : values, rows, units, rounded_up<T>(tails.below), rounded_down<T>(tails.above), into};
  const int64_t blocks = (rows - 1) / statistics_rows + 1, groups = (units - 1) / statistics_units + 1;
  const int64_t grain = std::max<int64_t>(1, task / (std::min(rows, statistics_rows) * std::min(units, statistics_units)));
  if (blocks == 1) {
    parallel_for(groups, grain, [&](int64_t begin, int64_t end) {
      UnitBlock<T> found;
      for (int64_t group = begin; group < end; ++group) {
        target.count(call, 0, group, found);
        target.merge(call, group, found);
      }
    });
    return;
  }
  UnitBlock<T>* const found = scratch<UnitBlock<T>>(Scratch::row, blocks * groups);
  parallel_for(blocks * groups, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) target.count(call, i / groups, i % groups, found[i]);
  });
  for (int64_t i = 0; i < blocks * groups; ++i) target.merge(call, i % groups, found[i]);
}

template void add_unit_statistics(const float*, const float*, int64_t, int64_t, const CountedTails&, const UnitAccumulators&) noexcept;
template void add_unit_statistics(const double*, const double*, int64_t, int64_t, const CountedTails&, const UnitAccumulators&) noexcept;

}  // namespace rectify::kernel
#endif
