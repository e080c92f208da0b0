// Loops over float or double memory in float64 lanes, the last ones partial; results are rounded once. Included once per target.
#if defined(RECTIFY_KERNEL_WIDE_ACCESS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_WIDE_ACCESS_INL_H
#undef RECTIFY_KERNEL_WIDE_ACCESS_INL_H
#else
#define RECTIFY_KERNEL_WIDE_ACCESS_INL_H
#endif

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"
#include "rectify/activation/inline.h"
#include "rectify/kernel/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace wide {
#include "rectify/kernel/lanes.h"

using Double = Lanes<false>;

/// The float64 lanes that are stored as T.
template <class T>
using StoredAs = Lanes<std::is_same_v<T, float>>;

/// Access to all lanes, of memory of either type.
struct Whole {
  template <class T>
  RECTIFY_INLINE Double load(const T* p) const {
    return wide::load(p).raw;
  }
  template <class T>
  RECTIFY_INLINE void store(Double v, T* p) const {
    wide::store(StoredAs<T>(v.raw), p);
  }
  /// v in the lanes that count, 0 in the others.
  RECTIFY_INLINE Double keep(Double v) const { return v; }
};

/// Access to the first lanes; the others read as 0.
struct First {
  int64_t count;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  // The only lane is never one too many: what follows is compiled and never run.
  template <class T>
  RECTIFY_INLINE Double load(const T* p) const {
    return Whole().load(p);
  }
  template <class T>
  RECTIFY_INLINE void store(Double v, T* p) const {
    Whole().store(v, p);
  }
  RECTIFY_INLINE Double keep(Double v) const { return v; }
#else
  RECTIFY_INLINE Double load(const double* p) const { return load_first(Double::Tag(), p, static_cast<size_t>(count)); }
  RECTIFY_INLINE Double load(const float* p) const { return hn::PromoteTo(Double::Tag(), load_first(Double::Half(), p, static_cast<size_t>(count))); }
  RECTIFY_INLINE void store(Double v, double* p) const { store_first(v.raw, Double::Tag(), p, static_cast<size_t>(count)); }
  RECTIFY_INLINE void store(Double v, float* p) const { store_first(hn::DemoteTo(Double::Half(), v.raw), Double::Half(), p, static_cast<size_t>(count)); }
  RECTIFY_INLINE Double keep(Double v) const { return hn::IfThenElseZero(hn::FirstN(Double::Tag(), static_cast<size_t>(count)), v.raw); }
#endif
};

/// Calls step(access, i) for i = begin, begin + lane_count, ... so that all of [begin, end) is covered once.
template <class Step>
RECTIFY_INLINE void for_each(int64_t begin, int64_t end, const Step& step) {
  int64_t i = begin;
  for (; i + lane_count <= end; i += lane_count) step(Whole(), i);
  if (i < end) step(First{end - i}, i);
}

}  // namespace wide
}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
