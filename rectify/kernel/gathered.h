// Products of matrices whose left operand is read through two grids of places: what a convolution and its gradients are. Nothing of an image is copied.
#pragma once

#include <array>
#include <cstdint>

#include "rectify/kernel/gemm.h"

namespace rectify::kernel {

/// Three nested counters, the last the fastest, and how far a step of each leads in memory.
struct Lattice {
  std::array<int64_t, 3> count{1, 1, 1}, step{0, 0, 0};

  int64_t size() const { return count[0] * count[1] * count[2]; }
  int64_t offset(int64_t index) const {
    return index / (count[1] * count[2]) * step[0] + index / count[2] % count[1] * step[1] + index % count[2] * step[2];
  }
};

/// C = A B, then the epilogue. Element (i, k) of A is a[rows.offset(i) + steps.offset(k)], row i of C begins at c + results.offset(i), and so does what the epilogue
/// keeps. B is stored transposed (element (k, j) at b[j * b_step + k]), or its row k begins at b + b_rows.offset(k).
template <class T>
struct GatheredProduct {
  const T* a;
  Lattice rows, steps;
  const T* b;
  bool transpose_b;
  int64_t b_step;
  Lattice b_rows;
  T* c;
  Lattice results;
  int64_t columns;
  Epilogue<T> epilogue;
};

/// Every element in the order of gemm(). No operand may overlap C. T is float or double.
template <class T>
void gathered_gemm(const GatheredProduct<T>& product) noexcept;

}  // namespace rectify::kernel
