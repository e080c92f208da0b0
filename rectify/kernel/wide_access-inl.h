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
#include <cstring>
#include <type_traits>

#include "hwy/highway.h"
#include "rectify/activation/inline.h"

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
};

/// Access to the first lanes; the others read as 0.
struct First {
  int64_t count;
  template <class T>
  RECTIFY_INLINE Double load(const T* p) const {
    T buffer[lane_count] = {};
    std::memcpy(buffer, p, static_cast<size_t>(count) * sizeof(T));
    return Whole().load(buffer);
  }
  template <class T>
  RECTIFY_INLINE void store(Double v, T* p) const {
    T buffer[lane_count];
    Whole().store(v, buffer);
    std::memcpy(p, buffer, static_cast<size_t>(count) * sizeof(T));
  }
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
