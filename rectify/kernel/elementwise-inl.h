// Loops over memory in vectors of the storage type, the last one partial. Included once per target.
#if defined(RECTIFY_KERNEL_ELEMENTWISE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_ELEMENTWISE_INL_H
#undef RECTIFY_KERNEL_ELEMENTWISE_INL_H
#else
#define RECTIFY_KERNEL_ELEMENTWISE_INL_H
#endif

#include <cstdint>

#include "rectify/kernel/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// Access to a whole vector.
template <class T>
struct WholeVector {
  using D = hn::ScalableTag<T>;
  HWY_INLINE hn::Vec<D> load(const T* p) const { return hn::LoadU(D(), p); }
  HWY_INLINE void store(hn::Vec<D> v, T* p) const { hn::StoreU(v, D(), p); }
};

/// Access to the first lanes of a vector; the others read as 0.
template <class T>
struct FirstLanes {
  using D = hn::ScalableTag<T>;
  size_t count;
  HWY_INLINE hn::Vec<D> load(const T* p) const { return load_first(D(), p, count); }
  HWY_INLINE void store(hn::Vec<D> v, T* p) const { store_first(v, D(), p, count); }
};

/// Calls step(access, i) for i = begin, begin + lanes, ... so that all of [begin, end) is covered once.
template <class T, class Step>
HWY_INLINE void for_each_vector(int64_t begin, int64_t end, const Step& step) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) step(WholeVector<T>(), i);
  if (i < end) step(FirstLanes<T>{static_cast<size_t>(end - i)}, i);
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
