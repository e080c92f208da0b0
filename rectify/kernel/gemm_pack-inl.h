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
#include <array>
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

/// Every 128-bit block of the vector from another row: block q is 16 bytes of x[q * step].
template <class D, class T>
HWY_INLINE hn::Vec<D> load_blocks(D d, const T* HWY_RESTRICT x, int64_t step) {
  constexpr size_t block = 16 / sizeof(T), blocks = hn::MaxLanes(D()) / block;
  static_assert(blocks == 1 || blocks == 2 || blocks == 4);
  // From the last block to the first: a broadcast load that merges under a mask needs no shuffle.
  hn::Vec<D> v = hn::LoadDup128(d, x + static_cast<int64_t>(blocks - 1) * step);
  if constexpr (blocks == 4) {
    v = hn::IfThenElse(hn::FirstN(d, 3 * block), hn::LoadDup128(d, x + 2 * step), v);
    v = hn::IfThenElse(hn::FirstN(d, 2 * block), hn::LoadDup128(d, x + step), v);
  }
  if constexpr (blocks > 1) v = hn::IfThenElse(hn::FirstN(d, block), hn::LoadDup128(d, x), v);
  return v;
}
#endif

/// How many steps of rows side by side are turned at a time: with vectors of 512 bits, halves of them are read at once and turned by twice the shuffles, which keeps
/// both busy; otherwise blocks.
template <class T>
constexpr int64_t steps_turned() {
#if HWY_TARGET == HWY_SCALAR
  return 1;
#else
  constexpr int64_t block = 16 / sizeof(T);
  return hn::MaxLanes(hn::ScalableTag<T>()) * sizeof(T) == 64 && sizeof(T) == 4 ? 2 * block : block;
#endif
}

#if HWY_TARGET != HWY_SCALAR
/// v[k], for k < steps_turned(): lane i is x[i * stride + k].
template <class T, size_t steps>
HWY_INLINE void load_turned(const T* HWY_RESTRICT x, int64_t stride, hn::Vec<hn::ScalableTag<T>> (&v)[steps]) {
  const hn::ScalableTag<T> d;
  constexpr int64_t block = 16 / sizeof(T);
  if constexpr (steps == 2 * block) {
    const hn::Half<decltype(d)> half;
    RECTIFY_UNROLL
    for (int64_t r = 0; r < 2 * block; ++r) v[r] = hn::Combine(d, hn::LoadU(half, x + (r + 2 * block) * stride), hn::LoadU(half, x + r * stride));
    auto& low = reinterpret_cast<hn::Vec<decltype(d)>(&)[block]>(v[0]);
    auto& high = reinterpret_cast<hn::Vec<decltype(d)>(&)[block]>(v[block]);
    transpose_blocks(d, low);
    transpose_blocks(d, high);
    RECTIFY_UNROLL
    for (int64_t r = 0; r < block; ++r) {
      const auto first = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(high[r]), low[r]);
      high[r] = hn::OddEvenBlocks(high[r], hn::SwapAdjacentBlocks(low[r]));
      low[r] = first;
    }
  } else {
    RECTIFY_UNROLL
    for (int64_t r = 0; r < block; ++r) v[r] = load_blocks(d, x + r * stride, block * stride);
    transpose_blocks(d, v);
  }
}
#endif

/// Rows of a matrix at x, x + stride, ..., of which `count` may be read; those beyond are taken for the last.
template <class T>
struct Rows {
  const T* x;
  int64_t stride, count;
};

/// Where rows are expected: so many rows side by side are more than the processor looks ahead in by itself.
enum class Read { nearby, from_afar };

/// Calls consume(k, n, v) for each k < depth in order and each n < Vectors, where lane i of v is element k of row n * lanes + i.
template <int64_t Vectors, Read read, class T, class Consume>
HWY_INLINE void for_each_step(const Rows<T>& rows, int64_t depth, Consume consume) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  int64_t k = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t steps = steps_turned<T>();
  if (rows.count >= Vectors * lanes) {
    for (; k + steps <= depth; k += steps) {
      hn::Vec<decltype(d)> v[Vectors][steps];
      if constexpr (read == Read::from_afar) {
        constexpr int64_t line = 64 / sizeof(T);
        if (k % line == 0) {
          for (int64_t i = 0; i < Vectors * lanes; ++i) __builtin_prefetch(rows.x + i * rows.stride + k + 4 * line);
        }
      }
      RECTIFY_UNROLL
      for (int64_t n = 0; n < Vectors; ++n) load_turned<T>(rows.x + n * lanes * rows.stride + k, rows.stride, v[n]);
      RECTIFY_UNROLL
      for (int64_t r = 0; r < steps; ++r) {
        RECTIFY_UNROLL
        for (int64_t n = 0; n < Vectors; ++n) consume(k + r, n, v[n][r]);
      }
    }
  }
#endif
  for (; k < depth; ++k) {
    for (int64_t n = 0; n < Vectors; ++n) {
      HWY_ALIGN T numbers[lanes];
      for (int64_t i = 0; i < lanes; ++i) numbers[i] = rows.x[std::min(n * lanes + i, rows.count - 1) * rows.stride + k];
      consume(k, n, hn::Load(d, numbers));
    }
  }
}

/// Writes as many rows as a vector has lanes side by side: out[k * out_step + i] is element k of row i, for k < depth.
template <class T>
HWY_INLINE void interleave_rows(const Rows<T>& rows, int64_t depth, T* HWY_RESTRICT out, int64_t out_step) {
  for_each_step<1, Read::from_afar>(rows, depth, [&](int64_t k, int64_t, auto v) HWY_ATTR { hn::StoreU(v, hn::ScalableTag<T>(), out + k * out_step); });
}

/// The block is stored transposed: element (k, j) at x[j * stride + k]. Of the rows of x, `available` may be read, at least `width`.
template <int64_t Width, class T>
void pack_columns(const T* HWY_RESTRICT x, int64_t stride, int64_t depth, int64_t width, int64_t available, T* HWY_RESTRICT out) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  for (int64_t j = 0; j < width; j += lanes) interleave_rows(Rows<T>{x + j * stride, stride, available - j}, depth, out + j, Width);
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
