// The product of very few rows with a matrix that is stored transposed: every number of B is used so seldom that it goes through the registers once, without
// being packed. Included once per target.
#if defined(RECTIFY_KERNEL_GEMM_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_GEMM_VECTOR_INL_H
#undef RECTIFY_KERNEL_GEMM_VECTOR_INL_H
#else
#define RECTIFY_KERNEL_GEMM_VECTOR_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include "rectify/kernel/gemm_pack-inl.h"
#include "rectify/kernel/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// With so few rows, transposing B in the registers costs no more than reading it.
constexpr int64_t few_rows = 6;

/// Vectors of columns that are worked on at a time: a chain alone would wait for itself.
constexpr int64_t vectors_at_a_time = 2;

/// Element (i, j) of the result for i < Count and as many j as those vectors have lanes: row i of A is a + i * a_step, row j of the stored B is in b.
template <int64_t Count, class T>
void multiply_few(const T* a, int64_t a_step, const Rows<T>& b, int64_t k, hn::Vec<hn::ScalableTag<T>> (&total)[Count][vectors_at_a_time]) {
  using V = hn::Vec<hn::ScalableTag<T>>;
  const hn::ScalableTag<T> d;
  for (auto& row : total) std::fill(row, row + vectors_at_a_time, hn::Zero(d));
  for (int64_t begin = 0; begin < k; begin += chain_length) {
    V chain[Count][vectors_at_a_time];
    for (auto& row : chain) std::fill(row, row + vectors_at_a_time, hn::Zero(d));
    for_each_step<vectors_at_a_time, Read::nearby>(Rows<T>{b.x + begin, b.stride, b.count}, std::min(chain_length, k - begin), [&](int64_t step, int64_t n, V v) HWY_ATTR {
      RECTIFY_UNROLL
      for (int64_t i = 0; i < Count; ++i) chain[i][n] = fused(d, hn::Set(d, a[i * a_step + begin + step]), v, chain[i][n]);
    });
    for (int64_t i = 0; i < Count; ++i) {
      for (int64_t n = 0; n < vectors_at_a_time; ++n) total[i][n] = begin == 0 ? chain[i][n] : hn::Add(total[i][n], chain[i][n]);
    }
  }
}

/// `Count` rows of C in columns [column, column_end): A times the transposed B, with the bias if it is not null.
template <int64_t Count, class T>
void multiply_few_rows(const T* a, int64_t a_step, const T* b, int64_t b_step, int64_t k, int64_t column, int64_t column_end, T* c, int64_t c_step, const T* bias) {
  constexpr int64_t lanes = TileShape<T>::lanes, columns = vectors_at_a_time * lanes;
  for (; column < column_end; column += columns) {
    const int64_t width = std::min(columns, column_end - column);
    const T* const rows = b + column * b_step;
    hn::Vec<hn::ScalableTag<T>> total[Count][vectors_at_a_time];
    multiply_few<Count, T>(a, a_step, {rows, b_step, column_end - column}, k, total);
    for (int64_t n = 0; n * lanes < width; ++n) {
      hn::Vec<hn::ScalableTag<T>> vector[Count][1];
      for (int64_t i = 0; i < Count; ++i) vector[i][0] = total[i][n];
      const int64_t j = column + n * lanes;
      deliver<Count, 1, T>(vector, [&](int64_t i) { return c + i * c_step + j; }, static_cast<size_t>(std::min(lanes, column_end - j)), false, bias != nullptr ? bias + j : nullptr);
    }
  }
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
