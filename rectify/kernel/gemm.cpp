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
#include "rectify/kernel/gemm_vector-inl.h"

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

/// Bytes of packed B that are kept at a time: what fits in a core's second-level cache beside A and C.
constexpr int64_t packed_b_bytes = int64_t{1} << 18;

/// Bytes of packed A that are kept at a time. A strip of it is read once for all panels of B, so that the third-level cache will do.
constexpr int64_t packed_a_bytes = int64_t{1} << 21;

/// Strips of a transposed A that are packed together.
constexpr int64_t strips_at_a_time = 4;

/// With so few strips of rows, B is not read often enough to be worth packing, unless it has to be transposed.
constexpr int64_t strips_without_packing = 3;

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

/// Columns [column, column_end) and steps [k, k + depth) of the product: the part of B that is kept at hand.
template <class T>
struct Block {
  int64_t column, column_end, k, depth;
  bool in_place;        ///< whole panels of B are read where they are
  bool read_once;       ///< by a single strip, so that all panels can use the same packed one, which stays in the first-level cache
  T* packed_b;

  static constexpr int64_t panel_columns = TileShape<T>::columns;
  int64_t panels() const { return (column_end - column + panel_columns - 1) / panel_columns; }
  int64_t panel_column(int64_t panel) const { return column + panel * panel_columns; }
  int64_t panel_width(int64_t panel) const { return std::min(panel_columns, column_end - panel_column(panel)); }
  bool whole(int64_t panel) const { return panel_width(panel) == panel_columns; }
  T* packed_panel(int64_t panel) const { return packed_b + (read_once ? 0 : panel * depth * panel_columns); }
};

/// Whether a tile reads rows of A where they are. Not if all of them fall into the same few sets of the first-level cache, and throw each other out.
template <class T>
bool reads_rows_in_place(const Product<T>& p) {
  constexpr int64_t page = 4096;
  return !p.transpose_a && p.lda * static_cast<int64_t>(sizeof(T)) % page != 0;
}

/// Rows of C that one tile covers, and where their part of A is packed, if it is.
template <class T>
struct Strip {
  int64_t row, height;
  RowsOfA where;
  T* packed_a;
};

/// Packs A's part of some strips that follow each other, all with the k-th step before the next: what they read of it is one stretch of memory.
template <class T>
void pack_strips(const Product<T>& p, const Block<T>& block, const Strip<T>* strips, int64_t count) {
  constexpr int64_t width = TileShape<T>::a_width;
  if (!p.transpose_a) {
    for (int64_t i = 0; i < count; ++i) {
      pack_columns<width>(p.a + strips[i].row * p.lda + block.k, p.lda, block.depth, strips[i].height, p.m - strips[i].row, strips[i].packed_a);
    }
    return;
  }
  constexpr int64_t some_steps = 8;
  for (int64_t k = 0; k < block.depth; k += some_steps) {
    const int64_t steps = std::min(some_steps, block.depth - k);
    for (int64_t i = 0; i < count; ++i) {
      pack_rows<width>(p.a + (block.k + k) * p.lda + strips[i].row, p.lda, steps, strips[i].height, strips[i].packed_a + k * width);
    }
  }
}

/// The strip's rows of the block's columns of C. The first strip packs the panels of B: just before it uses them, or with them.
template <class T>
void multiply_strip(const Product<T>& p, const Block<T>& block, const Strip<T>& strip, bool first, T* result) {
  using Shape = TileShape<T>;
  constexpr int64_t lanes = Shape::lanes;
  const bool last = block.k + block.depth == p.k;
  const int64_t panels = block.panels();
  const TileFunctions<T>& functions = tile_functions<T>(strip.height, strip.where);
  const T* const a = strip.where == RowsOfA::packed ? strip.packed_a : p.a + strip.row * p.lda + block.k;
  for (int64_t panel = 0; panel < panels; ++panel) {
    const int64_t j = block.panel_column(panel), width = block.panel_width(panel), vectors = (width + lanes - 1) / lanes;
    const T* const stored = p.transpose_b ? p.b + j * p.ldb + block.k : p.b + block.k * p.ldb + j;
    T* const packed = block.packed_panel(panel);
    bool in_place = false, keep = false;
    if (!p.transpose_b && block.whole(panel)) {
      keep = first && !block.in_place;
      in_place = keep || block.in_place;
    } else if (first) {
      if (p.transpose_b) {
        pack_columns<Shape::columns>(stored, p.ldb, block.depth, width, p.n - j, packed);
      } else {
        pack_rows<Shape::columns>(stored, p.ldb, block.depth, width, packed);
      }
    }
    const TileFunction<T> function = keep ? functions.keeping : vectors == Shape::vectors ? functions.whole : functions.narrow;
    function({.depth = block.depth,
              .a = a,
              .a_step = p.lda,
              .b = in_place ? stored : packed,
              .b_step = in_place ? p.ldb : Shape::columns,
              .c = result + strip.row * p.ldc + j,
              .c_step = p.ldc,
              .last_lanes = static_cast<size_t>(width - (vectors - 1) * lanes),
              .add = block.k != 0,
              .bias = last && p.epilogue.bias != nullptr ? p.epilogue.bias + j : nullptr,
              .packed_b = packed});
  }
  if (last) finish_rows(p, strip.row, strip.height, block.column, block.column_end - block.column);
}

template <int64_t Rows, class T>
void multiply_few_rows(const Product<T>& p, const Rectangle& part, T* result) {
  multiply_few_rows<Rows, T>(p.a + part.row * p.lda, p.lda, p.b, p.ldb, p.k, part.column, part.column_end, result + part.row * p.ldc, p.ldc, p.epilogue.bias);
  finish_rows(p, part.row, Rows, part.column, part.column_end - part.column);
}

template <class T>
void multiply(const Product<T>& p, const Rectangle& part) {
  using Shape = TileShape<T>;
  constexpr int64_t size = sizeof(T);
  const int64_t deepest = std::clamp<int64_t>(p.k, 1, chain_length);
  const int64_t width_limit = std::max<int64_t>(packed_b_bytes / size / deepest / Shape::columns, 4) * Shape::columns;
  const int64_t strip_limit = std::max<int64_t>(packed_a_bytes / size / deepest / Shape::a_width, 1);
  T* const result = p.epilogue.pre_activation != nullptr ? p.epilogue.pre_activation : p.c;
  if (p.transpose_b && !p.transpose_a && p.k > 0) {
    static_assert(few_rows == 6);
    switch (part.row_end - part.row) {
      case 1: return multiply_few_rows<1>(p, part, result);
      case 2: return multiply_few_rows<2>(p, part, result);
      case 3: return multiply_few_rows<3>(p, part, result);
      case 4: return multiply_few_rows<4>(p, part, result);
      case 5: return multiply_few_rows<5>(p, part, result);
      case 6: return multiply_few_rows<6>(p, part, result);
      default: break;
    }
  }
  const int64_t all_strips = (part.row_end - part.row + Shape::rows - 1) / Shape::rows;
  const int64_t chunks = (all_strips + strip_limit - 1) / strip_limit;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    const int64_t chunk_row = part.row + (part.row_end - part.row) * chunk / chunks, rows = part.row + (part.row_end - part.row) * (chunk + 1) / chunks - chunk_row;
    const int64_t strips = (rows + Shape::rows - 1) / Shape::rows;
    // Strips that few blocks of columns need are packed anew for each, in the place of those before.
    const bool keep_a = part.column_end - part.column > 2 * width_limit;
    const int64_t group_size = p.transpose_a ? strips_at_a_time : 1;
    const RowsOfA where = reads_rows_in_place(p) ? RowsOfA::in_place : RowsOfA::packed;
    const int64_t strips_packed = where == RowsOfA::in_place ? 0 : keep_a ? strips : group_size;
    T* const packed_a = scratch<T>(Scratch::gemm_a, strips_packed * deepest * Shape::a_width);
    for (int64_t k = 0; k == 0 || k < p.k; k += chain_length) {  // once even for k = 0
      const int64_t depth = std::min(p.k - k, chain_length);
      for (int64_t column = part.column; column < part.column_end; column += width_limit) {
        Block<T> block{.column = column, .column_end = std::min(column + width_limit, part.column_end), .k = k, .depth = depth,
                       .in_place = strips <= strips_without_packing, .read_once = strips == 1, .packed_b = nullptr};
        block.packed_b = scratch<T>(Scratch::gemm_b, (block.read_once ? 1 : block.panels()) * deepest * Shape::columns);
        Strip<T> group[strips_at_a_time];
        for (int64_t i = 0; i < strips; ++i) {
          // Strips of nearly equal height: a last strip of one or two rows would leave most registers idle.
          const auto row = [&](int64_t strip) { return chunk_row + rows * strip / strips; };
          const int64_t member = i % group_size;
          if (member == 0) {
            const int64_t count = std::min(group_size, strips - i);
            for (int64_t g = 0; g < count; ++g) group[g] = {row(i + g), row(i + g + 1) - row(i + g), where, packed_a + (keep_a ? i + g : g) * depth * Shape::a_width};
            if (where == RowsOfA::packed && (!keep_a || column == part.column)) pack_strips(p, block, group, count);
          }
          multiply_strip(p, block, group[member], i == 0, result);
        }
      }
    }
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
  constexpr double work_per_thread = 1 << 19;  // multiply-adds; below this, waking a thread costs more than it saves
  constexpr double work_of_reading = 8;        // as many multiply-adds take as long as a number of B: what products of few rows wait for
  const double work = (static_cast<double>(p.m) + work_of_reading) * static_cast<double>(p.n) * static_cast<double>(std::max<int64_t>(p.k, 1));
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
