#include "rectify/kernel/gemm.h"

#include <algorithm>
#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/gemm.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/gemm_pack-inl.h"
#include "rectify/kernel/gemm_tile-inl.h"

#ifndef RECTIFY_KERNEL_GEMM_PROBLEM
#define RECTIFY_KERNEL_GEMM_PROBLEM
namespace rectify::kernel {

/// The arguments of gemm().
template <class T>
struct Product {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  T* c;
  int64_t ldc;
  Epilogue<T> epilogue;
};

/// A rectangle of C: rows [row, row_end) and columns [column, column_end).
struct Rectangle {
  int64_t row, row_end, column, column_end;
};

/// What the part that knows no SIMD needs of a target.
template <class T>
struct GemmTarget {
  int64_t tile_rows, tile_columns;
  void (*multiply)(const Product<T>&, const Rectangle&);
  void (*sum_rows)(const T* a, int64_t rows, int64_t columns, int64_t begin, int64_t end, T* out);
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// Bytes of packed B that are kept at a time: about half of a core's second-level cache.
constexpr int64_t packed_b_bytes = int64_t{1} << 20;

/// Rows [row, row + rows) of C are finished in columns [column, column + columns): keeps the pre-activation and applies the activation, while they are in cache.
template <class T>
void finish_rows(const Product<T>& p, int64_t row, int64_t rows, int64_t column, int64_t columns) {
  const Epilogue<T>& e = p.epilogue;
  if (e.activation == nullptr && e.pre_activation == nullptr) return;
  for (int64_t i = row; i < row + rows; ++i) {
    T* const c = p.c + i * p.ldc + column;
    const T* const before = e.pre_activation != nullptr ? e.pre_activation + i * p.ldc + column : c;
    if (e.activation != nullptr) {
      pointwise_here<T>(*e.activation, activation::value_itself, before, nullptr, c, columns);
    } else {
      std::copy(before, before + columns, c);
    }
  }
}

template <class T>
void multiply(const Product<T>& p, const Rectangle& part) {
  using Shape = TileShape<T>;
  constexpr int64_t lanes = Shape::lanes;
  const int64_t rows = part.row_end - part.row;
  const int64_t strips = (rows + Shape::rows - 1) / Shape::rows;
  const int64_t deepest = std::min(p.k, chain_length);
  const int64_t width_limit = std::max<int64_t>(packed_b_bytes / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(deepest, 1) / Shape::columns, 4) * Shape::columns;
  T* const result = p.epilogue.pre_activation != nullptr ? p.epilogue.pre_activation : p.c;
  T* const packed_a = scratch<T>(Scratch::gemm_a, deepest * Shape::a_width);

  for (int64_t column = part.column; column < part.column_end; column += width_limit) {
    const int64_t width = std::min(width_limit, part.column_end - column);
    const int64_t panels = (width + Shape::columns - 1) / Shape::columns;
    T* const packed_b = scratch<T>(Scratch::gemm_b, panels * deepest * Shape::columns);
    int64_t k = 0;
    do {  // once even for k = 0
      const int64_t depth = std::min(p.k - k, chain_length);
      const bool last = k + depth == p.k;
      for (int64_t panel = 0; panel < panels; ++panel) {
        const int64_t j = column + panel * Shape::columns, panel_width = std::min(Shape::columns, part.column_end - j);
        T* const to = packed_b + panel * depth * Shape::columns;
        if (p.transpose_b) {
          pack_columns<Shape::columns>(p.b + j * p.ldb + k, p.ldb, depth, panel_width, to);
        } else {
          pack_rows<Shape::columns>(p.b + k * p.ldb + j, p.ldb, depth, panel_width, to);
        }
      }
      for (int64_t strip = 0; strip < strips; ++strip) {
        // Strips of nearly equal height: a last strip of one or two rows would leave most registers idle.
        const int64_t row = part.row + rows * strip / strips, height = part.row + rows * (strip + 1) / strips - row;
        if (p.transpose_a) {
          pack_rows<Shape::a_width>(p.a + k * p.lda + row, p.lda, depth, height, packed_a);
        } else {
          pack_columns<Shape::a_width>(p.a + row * p.lda + k, p.lda, depth, height, packed_a);
        }
        for (int64_t panel = 0; panel < panels; ++panel) {
          const int64_t j = column + panel * Shape::columns, panel_width = std::min(Shape::columns, part.column_end - j);
          const int64_t vectors = (panel_width + lanes - 1) / lanes;
          tile_function<T>(height, vectors)({.depth = depth,
                                             .a = packed_a,
                                             .b = packed_b + panel * depth * Shape::columns,
                                             .b_step = Shape::columns,
                                             .c = result + row * p.ldc + j,
                                             .c_step = p.ldc,
                                             .last_lanes = static_cast<size_t>(panel_width - (vectors - 1) * lanes),
                                             .add = k != 0,
                                             .bias = last && p.epilogue.bias != nullptr ? p.epilogue.bias + j : nullptr});
        }
        if (last) finish_rows(p, row, height, column, width);
      }
      k += depth;
    } while (k < p.k);
  }
}

/// Columns [begin, end): `Vectors` vectors of them at a time while there are as many, each a chain over the rows.
template <int64_t Vectors, class T>
int64_t sum_columns(const T* a, int64_t rows, int64_t columns, int64_t begin, int64_t end, T* out) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  for (; begin + Vectors * lanes <= end; begin += Vectors * lanes) {
    hn::Vec<decltype(d)> total[Vectors];
    for (auto& v : total) v = hn::Zero(d);
    for (int64_t row = 0; row < rows; row += chain_length) {
      hn::Vec<decltype(d)> chain[Vectors];
      for (auto& v : chain) v = hn::Zero(d);
      const int64_t row_end = std::min(row + chain_length, rows);
      for (int64_t i = row; i < row_end; ++i) {
        for (int64_t v = 0; v < Vectors; ++v) chain[v] = hn::Add(chain[v], hn::LoadU(d, a + i * columns + begin + v * lanes));
      }
      for (int64_t v = 0; v < Vectors; ++v) total[v] = row == 0 ? chain[v] : hn::Add(total[v], chain[v]);
    }
    for (int64_t v = 0; v < Vectors; ++v) hn::StoreU(total[v], d, out + begin + v * lanes);
  }
  return begin;
}

template <class T>
void sum_rows(const T* a, int64_t rows, int64_t columns, int64_t begin, int64_t end, T* out) {
  begin = sum_columns<4>(a, rows, columns, begin, end, out);
  begin = sum_columns<1>(a, rows, columns, begin, end, out);
  if (begin == end) return;
  const hn::ScalableTag<T> d;
  const size_t rest = static_cast<size_t>(end - begin);
  auto total = hn::Zero(d);
  for (int64_t row = 0; row < rows; row += chain_length) {
    auto chain = hn::Zero(d);
    const int64_t row_end = std::min(row + chain_length, rows);
    for (int64_t i = row; i < row_end; ++i) chain = hn::Add(chain, load_first(d, a + i * columns + begin, rest));
    total = row == 0 ? chain : hn::Add(total, chain);
  }
  store_first(total, d, out + begin, rest);
}

template <class T>
const GemmTarget<T>& gemm_target() {
  static constexpr GemmTarget<T> target{TileShape<T>::rows, TileShape<T>::columns, &multiply<T>, &sum_rows<T>};
  return target;
}
const GemmTarget<float>& gemm_target_float() { return gemm_target<float>(); }
const GemmTarget<double>& gemm_target_double() { return gemm_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(gemm_target_float);
HWY_EXPORT(gemm_target_double);
const GemmTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(gemm_target_float)(); }
const GemmTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(gemm_target_double)(); }

/// How C is cut into rectangles, one per thread.
struct Grid {
  int64_t rows = 1, columns = 1;
};

/// The cut that gives the slowest thread least to do. The weights of packing are relative to one multiply-add per number and were measured.
template <class T>
Grid choose_grid(const Product<T>& p, const GemmTarget<T>& target) {
  constexpr double work_per_thread = 1 << 17;  // multiply-adds; below this, waking a thread costs more than it saves
  const double work = static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(std::max<int64_t>(p.k, 1));
  if (work < 2 * work_per_thread) return {};
  const int64_t threads = std::min<int64_t>(thread_count(), static_cast<int64_t>(work / work_per_thread));
  const int64_t panels = (p.n - 1) / target.tile_columns + 1;
  const double pack_a = p.transpose_a ? 3 : 6, pack_b = p.transpose_b ? 6 : 3;
  Grid best;
  double least = -1;
  for (int64_t columns = 1; columns <= std::min(threads, panels); ++columns) {
    const int64_t rows = std::min(threads / columns, p.m);
    const double height = static_cast<double>((p.m - 1) / rows + 1);
    const double width = static_cast<double>(((panels - 1) / columns + 1) * target.tile_columns);
    const double cost = height * width + pack_a * height + pack_b * width;
    if (least < 0 || cost < least) best = {rows, columns}, least = cost;
  }
  return best;
}

}  // namespace

template <class T>
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc,
          const Epilogue<T>& epilogue) noexcept {
  if (m <= 0 || n <= 0) return;
  const Product<T> product{transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc, epilogue};
  const GemmTarget<T>& target = target_for(T());
  const Grid grid = choose_grid(product, target);
  const int64_t panels = (n - 1) / target.tile_columns + 1;
  parallel_for(grid.rows * grid.columns, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      const int64_t i = part / grid.columns, j = part % grid.columns;
      target.multiply(product, {m * i / grid.rows, m * (i + 1) / grid.rows, panels * j / grid.columns * target.tile_columns,
                                std::min(n, panels * (j + 1) / grid.columns * target.tile_columns)});
    }
  });
}

template <class T>
void sum_rows_chain(const T* a, int64_t rows, int64_t columns, T* out) noexcept {
  const GemmTarget<T>& target = target_for(T());
  // Whole cache lines per thread, and enough of them to be worth waking it.
  const int64_t grain = std::max<int64_t>(64, (int64_t{1} << 15) / std::max<int64_t>(rows, 1) / 64 * 64);
  parallel_for(columns, grain, [&](int64_t begin, int64_t end) { target.sum_rows(a, rows, columns, begin, end, out); });
}

template void gemm(bool, bool, int64_t, int64_t, int64_t, const float*, int64_t, const float*, int64_t, float*, int64_t, const Epilogue<float>&) noexcept;
template void gemm(bool, bool, int64_t, int64_t, int64_t, const double*, int64_t, const double*, int64_t, double*, int64_t, const Epilogue<double>&) noexcept;
template void sum_rows_chain(const float*, int64_t, int64_t, float*) noexcept;
template void sum_rows_chain(const double*, int64_t, int64_t, double*) noexcept;

}  // namespace rectify::kernel
#endif
