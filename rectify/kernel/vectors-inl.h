// What every vector kernel of this folder needs of a SIMD target beyond Highway: a multiply-add that is fused everywhere, and access to the first few lanes.
// Included once per target, hence no include guard in the usual sense.
#if defined(RECTIFY_KERNEL_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_VECTORS_INL_H
#undef RECTIFY_KERNEL_VECTORS_INL_H
#else
#define RECTIFY_KERNEL_VECTORS_INL_H
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"

// Arrays of vectors stay in registers only if every loop over them is unrolled.
#undef RECTIFY_UNROLL
#if defined(__clang__)
#define RECTIFY_UNROLL _Pragma("clang loop unroll(full)")
#else
#define RECTIFY_UNROLL _Pragma("GCC unroll 16")
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// a * b + c with one rounding.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V fused(D d, V a, V b, V c) {
#if HWY_TARGET == HWY_SCALAR
  (void)d;
  return V(std::fma(a.raw, b.raw, c.raw));  // Highway's own would round twice here
#elif HWY_TARGET == HWY_EMU128
  HWY_ALIGN hn::TFromD<D> x[hn::MaxLanes(D())], y[hn::MaxLanes(D())], z[hn::MaxLanes(D())];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  hn::Store(c, d, z);
  for (size_t i = 0; i < hn::Lanes(d); ++i) z[i] = std::fma(x[i], y[i], z[i]);
  return hn::Load(d, z);
#else
  (void)d;
  return hn::MulAdd(a, b, c);
#endif
}

/// p[0 .. count), the other lanes 0. Reads nothing beyond. 0 <= count <= lanes.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_first(D d, const T* p, size_t count) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return hn::MaskedLoad(hn::FirstN(d, count), d, p);
#else
  HWY_ALIGN T lanes[hn::MaxLanes(D())] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return hn::Load(d, lanes);
#endif
}

/// Writes the first `count` lanes and nothing beyond.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_first(hn::Vec<D> v, D d, T* p, size_t count) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  hn::BlendedStore(v, hn::FirstN(d, count), d, p);
#else
  HWY_ALIGN T lanes[hn::MaxLanes(D())];
  hn::Store(v, d, lanes);
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
#endif
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
