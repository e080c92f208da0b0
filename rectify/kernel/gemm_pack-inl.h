// Packing: panels of a matrix in the order in which the GEMM's inner loop reads them. Included once per target.
//
// A panel holds `width` columns of a (depth x width) block, row after row: out[k * Width + j]. Columns beyond `width` hold numbers that are multiplied but never stored.
#if defined(RECTIFY_KERNEL_GEMM_PACK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_GEMM_PACK_INL_H
#undef RECTIFY_KERNEL_GEMM_PACK_INL_H
#else
#define RECTIFY_KERNEL_GEMM_PACK_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include "rectify/kernel/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// The block is stored as it is: element (k, j) at x[k * stride + j].
template <int64_t Width, class T>
void pack_rows(const T* HWY_RESTRICT x, int64_t stride, int64_t depth, int64_t width, T* HWY_RESTRICT out) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  const int64_t whole = width / lanes * lanes;
  const size_t rest = static_cast<size_t>(width - whole);
  for (int64_t k = 0; k < depth; ++k, x += stride, out += Width) {
    __builtin_prefetch(x + 16 * stride);
    for (int64_t j = 0; j < whole; j += lanes) hn::StoreU(hn::LoadU(d, x + j), d, out + j);
    if (rest != 0) hn::StoreU(load_first(d, x + whole, rest), d, out + whole);
  }
}

#if HWY_TARGET != HWY_SCALAR
/// Every 128-bit block of the vector from another row: block q is 16 bytes of row first + q * step, from element k on.
template <class D, class Rows>
HWY_INLINE hn::Vec<D> load_blocks(D d, const Rows& rows, int64_t first, int64_t step, int64_t k) {
  constexpr size_t block = 16 / sizeof(hn::TFromD<D>), blocks = hn::MaxLanes(D()) / block;
  static_assert(blocks == 1 || blocks == 2 || blocks == 4);
  // From the last block to the first: a broadcast load that merges under a mask needs no shuffle.
  hn::Vec<D> v = hn::LoadDup128(d, rows(first + static_cast<int64_t>(blocks - 1) * step) + k);
  if constexpr (blocks == 4) {
    v = hn::IfThenElse(hn::FirstN(d, 3 * block), hn::LoadDup128(d, rows(first + 2 * step) + k), v);
    v = hn::IfThenElse(hn::FirstN(d, 2 * block), hn::LoadDup128(d, rows(first + step) + k), v);
  }
  if constexpr (blocks > 1) v = hn::IfThenElse(hn::FirstN(d, block), hn::LoadDup128(d, rows(first) + k), v);
  return v;
}

/// Transposes 4 x 4 floats inside each 128-bit block: afterwards v[i] holds number i of each of the four.
template <class D>
HWY_INLINE void transpose_blocks(D d, hn::Vec<D> (&v)[4]) {
  const hn::Repartition<uint64_t, D> pairs;
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, v[0], v[1])), high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, v[0], v[1]));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, v[2], v[3])), high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, v[2], v[3]));
  v[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
  v[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
  v[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
  v[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

/// The same for 2 x 2 doubles.
template <class D>
HWY_INLINE void transpose_blocks(D d, hn::Vec<D> (&v)[2]) {
  const auto low = hn::InterleaveLower(d, v[0], v[1]);
  v[1] = hn::InterleaveUpper(d, v[0], v[1]);
  v[0] = low;
}
#endif

/// Rows at a fixed distance; those beyond `last` are `last` again.
template <class T>
struct AllRows {
  const T* x;
  int64_t stride;
  HWY_INLINE const T* operator()(int64_t i) const { return x + i * stride; }
};
template <class T>
struct RowsUpTo {
  const T* x;
  int64_t stride, last;
  HWY_INLINE const T* operator()(int64_t i) const { return x + std::min(i, last) * stride; }
};

/// Writes as many rows as a vector has lanes side by side: out[k * out_step + i] = rows(i)[k] for k < depth.
template <class T, class Rows>
HWY_INLINE void interleave_rows(const Rows& rows, int64_t depth, T* HWY_RESTRICT out, int64_t out_step) {
  [[maybe_unused]] const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  int64_t k = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t block = 16 / sizeof(T);
  for (; k + block <= depth; k += block, out += block * out_step) {
    hn::Vec<decltype(d)> v[block];
    for (int64_t r = 0; r < block; ++r) v[r] = load_blocks(d, rows, r, block, k);
    transpose_blocks(d, v);
    for (int64_t r = 0; r < block; ++r) hn::StoreU(v[r], d, out + r * out_step);
  }
#endif
  for (; k < depth; ++k, out += out_step) {
    for (int64_t i = 0; i < lanes; ++i) out[i] = rows(i)[k];
  }
}

/// The block is stored transposed: element (k, j) at x[j * stride + k]. Of the rows of x, `available` may be read, at least `width`.
template <int64_t Width, class T>
void pack_columns(const T* HWY_RESTRICT x, int64_t stride, int64_t depth, int64_t width, int64_t available, T* HWY_RESTRICT out) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  for (int64_t j = 0; j < width; j += lanes) {
    const T* const rows = x + j * stride;
    if (j + lanes <= available) {
      interleave_rows(AllRows<T>{rows, stride}, depth, out + j, Width);
    } else {
      interleave_rows(RowsUpTo<T>{rows, stride, available - j - 1}, depth, out + j, Width);
    }
  }
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
