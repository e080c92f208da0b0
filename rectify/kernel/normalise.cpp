#include "rectify/kernel/normalise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/normalise.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/ordered_sum-inl.h"
#include "rectify/kernel/wide_access-inl.h"

#ifndef RECTIFY_KERNEL_NORMALISE_TARGET
#define RECTIFY_KERNEL_NORMALISE_TARGET
namespace rectify::kernel {

/// Columns that one task sums: the lanes of two sums of each stay in the first-level cache.
inline constexpr int64_t norm_columns = 64, norm_block = 4096;

/// A normalisation, forward or backward. What belongs to columns is null or has one number for each; of `mean` and `inverse`, those of rows or of columns.
template <class T>
struct NormCall {
  const T* x;
  const T* g;
  int64_t rows, columns;
  const double* mean;
  const double* inverse;
  const T* weight;
  const T* bias;
};

/// Some columns of one block of rows, and where what was found of the block goes: two numbers per column.
struct NormBlock {
  int64_t row, row_end, column, column_end;
  double *first, *second;
};

/// Coefficients of each column for the pass over all elements.
struct ColumnFactors {
  const double *mean, *scale, *offset, *slope;
};

template <class T>
struct NormTarget {
  void (*moments)(const NormCall<T>&, const NormBlock&);
  void (*column_gradients)(const NormCall<T>&, const NormBlock&);      ///< sum g and sum g d, d = x - the column's mean
  void (*row_weight_gradients)(const NormCall<T>&, const NormBlock&);  ///< sum g and sum g (d r), d and r of the row
  void (*columns)(const NormCall<T>&, const ColumnFactors&, int64_t begin, int64_t end, T* y);
  void (*columns_backward)(const NormCall<T>&, const ColumnFactors&, int64_t begin, int64_t end, T* gx);
  void (*rows)(const NormCall<T>&, double epsilon, int64_t begin, int64_t end, T* y, double* mean, double* inverse);
  void (*rows_backward)(const NormCall<T>&, int64_t begin, int64_t end, T* gx);
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

using wide::Double;

/// `count` sums over the rows of a block: add(access, row, column, sums) adds one row's terms. out[i] gets the sums of the columns.
template <int count, class Add>
HWY_INLINE void sum_block_columns(const NormBlock& block, double* const (&out)[count], const Add& add) {
  HWY_ALIGN double lane[count][virtual_lanes * norm_columns];
  for (auto& sums : lane) std::fill(sums, sums + virtual_lanes * norm_columns, 0.0);
  for (int64_t row = block.row; row < block.row_end; ++row) {
    const int64_t own = (row - block.row) % virtual_lanes * norm_columns;
    wide::for_each(block.column, block.column_end, [&](const auto& access, int64_t j) HWY_ATTR {
      Double sums[count];
      for (int i = 0; i < count; ++i) sums[i] = wide::load(lane[i] + own + j - block.column);
      add(access, row, j, sums);
      for (int i = 0; i < count; ++i) wide::store(sums[i], lane[i] + own + j - block.column);
    });
  }
  for (int i = 0; i < count; ++i) {
    for (int64_t half = virtual_lanes / 2; half > 0; half /= 2) {
      for (int64_t j = 0; j < half * norm_columns; ++j) lane[i][j] += lane[i][j + half * norm_columns];
    }
    std::copy(lane[i], lane[i] + block.column_end - block.column, out[i]);
  }
}

/// The sum of each column, and the sum of the squared deviations from the block's own mean.
template <class T>
void moments(const NormCall<T>& call, const NormBlock& block) {
  double* const sum[] = {block.first};
  sum_block_columns(block, sum, [&](const auto& access, int64_t row, int64_t j, Double(&sums)[1]) HWY_ATTR {
    sums[0] = sums[0] + access.load(call.x + row * call.columns + j);
  });
  HWY_ALIGN double mean[norm_columns];
  const double rows = static_cast<double>(block.row_end - block.row);
  for (int64_t j = 0; j < block.column_end - block.column; ++j) mean[j] = block.first[j] / rows;
  double* const squares[] = {block.second};
  sum_block_columns(block, squares, [&](const auto& access, int64_t row, int64_t j, Double(&sums)[1]) HWY_ATTR {
    const Double d = access.load(call.x + row * call.columns + j) - access.load(mean + j - block.column);
    sums[0] = sums[0] + d * d;
  });
}

template <class T>
void column_gradients(const NormCall<T>& call, const NormBlock& block) {
  double* const out[] = {block.first, block.second};
  sum_block_columns(block, out, [&](const auto& access, int64_t row, int64_t j, Double(&sums)[2]) HWY_ATTR {
    const Double g = access.load(call.g + row * call.columns + j), d = access.load(call.x + row * call.columns + j) - access.load(call.mean + j);
    sums[0] = sums[0] + g;
    sums[1] = sums[1] + g * d;
  });
}

template <class T>
void row_weight_gradients(const NormCall<T>& call, const NormBlock& block) {
  double* const out[] = {block.first, block.second};
  sum_block_columns(block, out, [&](const auto& access, int64_t row, int64_t j, Double(&sums)[2]) HWY_ATTR {
    const Double g = access.load(call.g + row * call.columns + j), d = access.load(call.x + row * call.columns + j) - Double(call.mean[row]);
    sums[0] = sums[0] + g;
    sums[1] = sums[1] + g * (d * Double(call.inverse[row]));
  });
}

template <class T>
void columns_forward(const NormCall<T>& call, const ColumnFactors& factors, int64_t begin, int64_t end, T* y) {
  for (int64_t row = begin; row < end; ++row) {
    wide::for_each(0, call.columns, [&](const auto& access, int64_t j) HWY_ATTR {
      const Double d = access.load(call.x + row * call.columns + j) - access.load(factors.mean + j);
      access.store(fma(d, access.load(factors.scale + j), access.load(factors.offset + j)), y + row * call.columns + j);
    });
  }
}

template <class T>
void columns_backward(const NormCall<T>& call, const ColumnFactors& factors, int64_t begin, int64_t end, T* gx) {
  for (int64_t row = begin; row < end; ++row) {
    wide::for_each(0, call.columns, [&](const auto& access, int64_t j) HWY_ATTR {
      const int64_t i = row * call.columns + j;
      Double g = access.load(call.g + i);
      // Fixed moments have no offset.
      if (factors.offset != nullptr) g = subtract_product(g - access.load(factors.offset + j), access.load(call.x + i) - access.load(factors.mean + j), access.load(factors.slope + j));
      access.store(access.load(factors.scale + j) * g, gx + i);
    });
  }
}

/// The sums of what term(access, i, terms) gives over a row, in the order of reduce.h. What it gives beyond the row is not added.
template <int count, class Term>
HWY_INLINE void sum_row(int64_t columns, double (&total)[count], const Term& term) {
  constexpr int64_t vectors = virtual_lanes / wide::lane_count;
  std::fill(total, total + count, 0.0);
  for (int64_t begin = 0; begin < columns; begin += sum_block) {
    const int64_t end = std::min(begin + sum_block, columns);
    Double sums[count][vectors];
    for (auto& own : sums) std::fill(own, own + vectors, Double(0.0));
    const auto add = [&](const auto& access, int64_t i, int64_t v) HWY_ATTR {
      Double terms[count];
      term(access, i, terms);
      // A zero changes no lane: none is ever -0.
      for (int k = 0; k < count; ++k) sums[k][v] = sums[k][v] + access.keep(terms[k]);
    };
    int64_t i = begin;
    for (; i + virtual_lanes <= end; i += virtual_lanes) {
      for (int64_t v = 0; v < vectors; ++v) add(wide::Whole(), i + v * wide::lane_count, v);
    }
    for (int64_t v = 0; v < vectors; ++v, i += wide::lane_count) {
      if (i + wide::lane_count <= end) {
        add(wide::Whole(), i, v);
      } else if (i < end) {
        add(wide::First{end - i}, i, v);
      }
    }
    for (int k = 0; k < count; ++k) {
      for (int64_t half = vectors / 2; half > 0; half /= 2) {
        for (int64_t v = 0; v < half; ++v) sums[k][v] = sums[k][v] + sums[k][v + half];
      }
      double lane[wide::lane_count];
      wide::store(sums[k][0], lane);
      for (int64_t half = wide::lane_count / 2; half > 0; half /= 2) {
        for (int64_t l = 0; l < half; ++l) lane[l] += lane[l + half];
      }
      total[k] += lane[0];
    }
  }
}

template <class T>
void rows_forward(const NormCall<T>& call, double epsilon, int64_t begin, int64_t end, T* y, double* mean, double* inverse) {
  const double columns = static_cast<double>(call.columns);
  for (int64_t row = begin; row < end; ++row) {
    const T* const x = call.x + row * call.columns;
    double sum[1], squares[1];
    sum_row(call.columns, sum, [&](const auto& access, int64_t j, Double(&terms)[1]) HWY_ATTR { terms[0] = access.load(x + j); });
    const Double m = sum[0] / columns;
    sum_row(call.columns, squares, [&](const auto& access, int64_t j, Double(&terms)[1]) HWY_ATTR {
      const Double d = access.load(x + j) - m;
      terms[0] = d * d;
    });
    const double r = 1.0 / std::sqrt(squares[0] / columns + epsilon);
    wide::for_each(0, call.columns, [&](const auto& access, int64_t j) HWY_ATTR {
      const Double normalised = (access.load(x + j) - m) * Double(r);
      const Double weight = call.weight != nullptr ? access.load(call.weight + j) : Double(1.0), bias = call.bias != nullptr ? access.load(call.bias + j) : Double(0.0);
      access.store(fma(normalised, weight, bias), y + row * call.columns + j);
    });
    if (mean != nullptr) mean[row] = sum[0] / columns;
    if (inverse != nullptr) inverse[row] = r;
  }
}

template <class T>
void rows_backward(const NormCall<T>& call, int64_t begin, int64_t end, T* gx) {
  const double columns = static_cast<double>(call.columns);
  for (int64_t row = begin; row < end; ++row) {
    const T *const x = call.x + row * call.columns, *const g = call.g + row * call.columns;
    const Double m = call.mean[row];
    const double r = call.inverse[row];
    const auto weighted = [&](const auto& access, int64_t j) HWY_ATTR {
      const Double gradient = access.load(g + j);
      return call.weight != nullptr ? gradient * access.load(call.weight + j) : gradient;
    };
    double sums[2];
    sum_row(call.columns, sums, [&](const auto& access, int64_t j, Double(&terms)[2]) HWY_ATTR {
      terms[0] = weighted(access, j);
      terms[1] = terms[0] * (access.load(x + j) - m);
    });
    const Double offset = sums[0] / columns, slope = r * r * sums[1] / columns;
    wide::for_each(0, call.columns, [&](const auto& access, int64_t j) HWY_ATTR {
      access.store(Double(r) * subtract_product(weighted(access, j) - offset, access.load(x + j) - m, slope), gx + row * call.columns + j);
    });
  }
}

template <class T>
const NormTarget<T>& norm_target() {
  static constexpr NormTarget<T> target{&moments<T>, &column_gradients<T>, &row_weight_gradients<T>, &columns_forward<T>, &columns_backward<T>, &rows_forward<T>, &rows_backward<T>};
  return target;
}
const NormTarget<float>& norm_target_float() { return norm_target<float>(); }
const NormTarget<double>& norm_target_double() { return norm_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(norm_target_float);
HWY_EXPORT(norm_target_double);
const NormTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(norm_target_float)(); }
const NormTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(norm_target_double)(); }

/// Elements per task: some microseconds of work.
constexpr int64_t task = 16384;

int64_t rows_per_task(int64_t columns) { return std::max<int64_t>(1, task / std::max<int64_t>(columns, 1)); }

/// What was found of every block, two numbers per column: of block b at 2 b columns, the first numbers before the second.
template <class T>
const double* over_blocks(const NormCall<T>& call, void (*run)(const NormCall<T>&, const NormBlock&), double* found) {
  const int64_t blocks = (call.rows - 1) / norm_block + 1, chunks = (call.columns - 1) / norm_columns + 1;
  const int64_t grain = std::max<int64_t>(1, task / (std::min(call.rows, norm_block) * std::min(call.columns, norm_columns)));
  parallel_for(blocks * chunks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / chunks, column = i % chunks * norm_columns;
      run(call, {.row = b * norm_block, .row_end = std::min((b + 1) * norm_block, call.rows), .column = column, .column_end = std::min(column + norm_columns, call.columns),
                 .first = found + 2 * b * call.columns + column, .second = found + (2 * b + 1) * call.columns + column});
    }
  });
  return found;
}

int64_t block_numbers(int64_t rows, int64_t columns) { return 2 * ((rows - 1) / norm_block + 1) * columns; }

/// The sums of all rows: the blocks' in order, from 0.
double total(const double* found, int64_t rows, int64_t columns, int64_t which, int64_t j) {
  double sum = 0;
  for (int64_t b = 0; b * norm_block < rows; ++b) sum += found[(2 * b + which) * columns + j];
  return sum;
}

}  // namespace

template <class T>
void column_moments(const T* x, int64_t rows, int64_t columns, double* mean, double* variance) noexcept {
  if (columns <= 0) return;
  const NormCall<T> call{x, nullptr, rows, columns, nullptr, nullptr, nullptr, nullptr};
  const double* const found = over_blocks(call, target_for(T()).moments, scratch<double>(Scratch::row, block_numbers(rows, columns)));
  const FloatingEnvironment environment;
  const double n = static_cast<double>(rows);
  for (int64_t j = 0; j < columns; ++j) {
    mean[j] = total(found, rows, columns, 0, j) / n;
    double squares = 0;
    for (int64_t b = 0; b * norm_block < rows; ++b) {
      const double size = static_cast<double>(std::min(rows - b * norm_block, norm_block)), away = found[2 * b * columns + j] / size - mean[j];
      squares += found[(2 * b + 1) * columns + j] + size * (away * away);
    }
    variance[j] = squares / n;
  }
}

template <class T>
void normalise_columns(const T* x, int64_t rows, int64_t columns, const double* mean, const double* variance, double epsilon, const T* weight, const T* bias, T* y) noexcept {
  if (columns <= 0) return;
  double *const scale = scratch<double>(Scratch::row, 2 * columns), *const offset = scale + columns;
  {
    const FloatingEnvironment environment;
    for (int64_t j = 0; j < columns; ++j) {
      scale[j] = (weight != nullptr ? static_cast<double>(weight[j]) : 1.0) / std::sqrt(variance[j] + epsilon);
      offset[j] = bias != nullptr ? static_cast<double>(bias[j]) : 0.0;
    }
  }
  const NormCall<T> call{x, nullptr, rows, columns, nullptr, nullptr, weight, bias};
  const ColumnFactors factors{mean, scale, offset, nullptr};
  parallel_for(rows, rows_per_task(columns), [&, run = target_for(T()).columns](int64_t begin, int64_t end) { run(call, factors, begin, end, y); });
}

template <class T>
void normalise_columns_backward(const T* x, const T* g, int64_t rows, int64_t columns, const double* mean, const double* variance, double epsilon, const T* weight, bool fixed,
                                const NormGradients<T>& gradients) noexcept {
  if (columns <= 0 || rows <= 0) return;
  const NormTarget<T>& target = target_for(T());
  const NormCall<T> call{x, g, rows, columns, mean, nullptr, weight, nullptr};
  const bool sums = gradients.weight != nullptr || gradients.bias != nullptr || (gradients.x != nullptr && !fixed);
  double* const scale = scratch<double>(Scratch::row, 3 * columns + block_numbers(rows, columns));
  double *const offset = scale + columns, *const slope = offset + columns, *const found = slope + columns;
  if (sums) over_blocks(call, target.column_gradients, found);
  {
    const FloatingEnvironment environment;
    const double n = static_cast<double>(rows);
    for (int64_t j = 0; j < columns; ++j) {
      const double deviation = std::sqrt(variance[j] + epsilon), inverse = 1.0 / deviation;
      scale[j] = (weight != nullptr ? static_cast<double>(weight[j]) : 1.0) / deviation;
      if (!sums) continue;
      const double sum = total(found, rows, columns, 0, j), product = total(found, rows, columns, 1, j);
      if (gradients.bias != nullptr) gradients.bias[j] = static_cast<T>(sum);
      if (gradients.weight != nullptr) gradients.weight[j] = static_cast<T>(inverse * product);
      offset[j] = sum / n;
      slope[j] = inverse * inverse * product / n;
    }
  }
  if (gradients.x == nullptr) return;
  const ColumnFactors factors{mean, scale, fixed ? nullptr : offset, slope};
  parallel_for(rows, rows_per_task(columns), [&, run = target.columns_backward](int64_t begin, int64_t end) { run(call, factors, begin, end, gradients.x); });
}

template <class T>
void normalise_rows(const T* x, int64_t rows, int64_t columns, double epsilon, const T* weight, const T* bias, T* y, double* mean, double* inverse_deviation) noexcept {
  if (columns <= 0) return;
  const NormCall<T> call{x, nullptr, rows, columns, nullptr, nullptr, weight, bias};
  parallel_for(rows, rows_per_task(columns), [&, run = target_for(T()).rows](int64_t begin, int64_t end) { run(call, epsilon, begin, end, y, mean, inverse_deviation); });
}

template <class T>
void normalise_rows_backward(const T* x, const T* g, int64_t rows, int64_t columns, const double* mean, const double* inverse_deviation, const T* weight,
                             const NormGradients<T>& gradients) noexcept {
  if (columns <= 0 || rows <= 0) return;
  const NormTarget<T>& target = target_for(T());
  const NormCall<T> call{x, g, rows, columns, mean, inverse_deviation, weight, nullptr};
  if (gradients.weight != nullptr || gradients.bias != nullptr) {
    const double* const found = over_blocks(call, target.row_weight_gradients, scratch<double>(Scratch::row, block_numbers(rows, columns)));
    const FloatingEnvironment environment;
    for (int64_t j = 0; j < columns; ++j) {
      if (gradients.bias != nullptr) gradients.bias[j] = static_cast<T>(total(found, rows, columns, 0, j));
      if (gradients.weight != nullptr) gradients.weight[j] = static_cast<T>(total(found, rows, columns, 1, j));
    }
  }
  if (gradients.x == nullptr) return;
  parallel_for(rows, rows_per_task(columns), [&, run = target.rows_backward](int64_t begin, int64_t end) { run(call, begin, end, gradients.x); });
}

#define RECTIFY_NORMALISE(T)                                                                                                                                        \
  template void column_moments(const T*, int64_t, int64_t, double*, double*) noexcept;                                                                              \
  template void normalise_columns(const T*, int64_t, int64_t, const double*, const double*, double, const T*, const T*, T*) noexcept;                               \
  template void normalise_columns_backward(const T*, const T*, int64_t, int64_t, const double*, const double*, double, const T*, bool, const NormGradients<T>&) noexcept; \
  template void normalise_rows(const T*, int64_t, int64_t, double, const T*, const T*, T*, double*, double*) noexcept;                                              \
  template void normalise_rows_backward(const T*, const T*, int64_t, int64_t, const double*, const double*, const T*, const NormGradients<T>&) noexcept;
RECTIFY_NORMALISE(float)
RECTIFY_NORMALISE(double)
#undef RECTIFY_NORMALISE

}  // namespace rectify::kernel
#endif
