// The sum of reduce.h: 16 virtual float64 lanes over blocks of 4096 elements, a fixed tree, the blocks in order. Included once per target.
#if defined(RECTIFY_KERNEL_ORDERED_SUM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_ORDERED_SUM_INL_H
#undef RECTIFY_KERNEL_ORDERED_SUM_INL_H
#else
#define RECTIFY_KERNEL_ORDERED_SUM_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include "rectify/kernel/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

constexpr int64_t virtual_lanes = 16, sum_block = 4096;

/// Widening access to float64 lanes.
struct WideAccess {
  using D = hn::ScalableTag<double>;
  static constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<double>());
  using V = hn::Vec<D>;
  static HWY_INLINE V load(const double* p) { return hn::LoadU(D(), p); }
  static HWY_INLINE V load(const float* p) { return hn::PromoteTo(D(), hn::LoadU(hn::Rebind<float, D>(), p)); }
  static HWY_INLINE V load(const double* p, size_t count) { return load_first(D(), p, count); }
  static HWY_INLINE V load(const float* p, size_t count) {
    float buffer[lanes] = {};
    for (size_t i = 0; i < count; ++i) buffer[i] = p[i];
    return load(buffer);
  }
};

/// Adds lane l + 8 to lane l, then + 4, + 2, + 1.
HWY_INLINE double lane_tree(double (&lane)[virtual_lanes]) {
  for (int64_t half = virtual_lanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) lane[i] += lane[i + half];
  }
  return lane[0];
}

/// The sum over one block of at most 4096 elements; term(i) gives the float64 lanes from element i on, term(i, count) the first of them and zeros.
/// A zero added to a lane changes nothing: a lane starts at +0 and so is never -0.
template <class Term>
HWY_INLINE double block_sum(int64_t n, const Term& term) {
  constexpr int64_t lanes = WideAccess::lanes, vectors = virtual_lanes / lanes;
  const WideAccess::D d;
  WideAccess::V sums[vectors];
  for (auto& v : sums) v = hn::Zero(d);
  int64_t i = 0;
  for (; i + virtual_lanes <= n; i += virtual_lanes) {
    for (int64_t v = 0; v < vectors; ++v) sums[v] = hn::Add(sums[v], term(i + v * lanes));
  }
  for (int64_t v = 0; v < vectors && i < n; ++v, i += lanes) {
    sums[v] = hn::Add(sums[v], i + lanes <= n ? term(i) : term(i, static_cast<size_t>(n - i)));
  }
  HWY_ALIGN double lane[virtual_lanes];
  for (int64_t v = 0; v < vectors; ++v) hn::StoreU(sums[v], d, lane + v * lanes);
  return lane_tree(lane);
}

template <class T>
struct PlainTerm {
  const T* x;
  HWY_INLINE WideAccess::V operator()(int64_t i) const { return WideAccess::load(x + i); }
  HWY_INLINE WideAccess::V operator()(int64_t i, size_t count) const { return WideAccess::load(x + i, count); }
};

template <class T>
struct ProductTerm {
  const T* x;
  const T* y;
  HWY_INLINE WideAccess::V operator()(int64_t i) const { return hn::Mul(WideAccess::load(x + i), WideAccess::load(y + i)); }
  HWY_INLINE WideAccess::V operator()(int64_t i, size_t count) const { return hn::Mul(WideAccess::load(x + i, count), WideAccess::load(y + i, count)); }
};

/// The whole sum on the calling thread. The second form is sum(x * y).
template <class T>
double ordered_sum(const T* x, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; i += sum_block) total += block_sum(std::min(sum_block, n - i), PlainTerm<T>{x + i});
  return total;
}
template <class T>
double ordered_sum(const T* x, const T* y, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; i += sum_block) total += block_sum(std::min(sum_block, n - i), ProductTerm<T>{x + i, y + i});
  return total;
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
