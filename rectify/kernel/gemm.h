// Fixed-order matrix multiplication with a fused bias and activation.
#pragma once

#include <cstdint>

#include "rectify/activation/catalogue.h"

namespace rectify::kernel {

/// Length of one chain of fused multiply-adds: part of the numerical contract, not a tuning knob.
inline constexpr int64_t chain_length = 512;

/// What happens to a tile of the product while it is in cache: c = f(product + bias).
template <class T>
struct Epilogue {
  const T* bias = nullptr;                               ///< n numbers, added to each row
  const activation::Function* activation = nullptr;      ///< applied last
  T* pre_activation = nullptr;                           ///< if not null, m x n, row stride ldc: the value before the activation is kept here
};

/// C (m x n, row major, row stride ldc) = op(A) op(B), then the epilogue. op(A) is m x k, op(B) is k x n, all row major;
/// `transpose_a` means that A is stored k x m, `transpose_b` that B is stored n x k. C must not overlap A or B. T is float or double.
///
/// Every element is the sum, in order, of blocks of 512 along k; a block is a chain of fused multiply-adds from 0 in the order of k:
///   block_b = fma(a[k], b[k], ...fma(a[k0], b[k0], 0)),  element = ((block_0 + block_1) + block_2) + ..., then + bias.
/// The order depends on nothing else. k = 0 gives 0.
template <class T>
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc,
          const Epilogue<T>& epilogue = {}) noexcept;

/// out[j] = sum over rows of a[i][j] (rows x columns, row major) in the order of a GEMM with a column of ones: the bias's gradient over a batch.
template <class T>
void sum_rows_chain(const T* a, int64_t rows, int64_t columns, T* out) noexcept;

}  // namespace rectify::kernel
