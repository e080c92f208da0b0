#include "rectify/kernel/gathered.h"

#include <algorithm>
#include <cstdint>

#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/gathered.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/gathered_tile-inl.h"
#include "rectify/kernel/gemm_pack-inl.h"

#ifndef RECTIFY_KERNEL_GATHERED_TARGET
#define RECTIFY_KERNEL_GATHERED_TARGET
namespace rectify::kernel {

/// A rectangle of C: rows [row, row_end) and columns [column, column_end).
struct GatheredPart {
  int64_t row, row_end, column, column_end;
};

/// What the part that knows no SIMD needs of a target.
template <class T>
struct GatheredTarget {
  int64_t lanes;
  void (*multiply)(const GatheredProduct<T>&, const GatheredPart&);
};

/// Walks through a lattice one index after the other.
class LatticeWalk {
 public:
  LatticeWalk(const Lattice& lattice, int64_t index) : lattice_(lattice), offset_(lattice.offset(index)) {
    position_ = {index / (lattice.count[1] * lattice.count[2]), index / lattice.count[2] % lattice.count[1], index % lattice.count[2]};
  }
  int64_t offset() const { return offset_; }
  /// Calls take(i, offset) for the next `count` places, and goes on after them.
  template <class Take>
  void take(int64_t count, Take take) {
    for (int64_t i = 0; i < count;) {
      const int64_t end = std::min(count, i + lattice_.count[2] - position_[2]), first = offset_ - i * lattice_.step[2];
      for (int64_t j = i; j < end; ++j) take(j, first + j * lattice_.step[2]);
      position_[2] += end - i - 1;
      offset_ += (end - i - 1) * lattice_.step[2];
      next();
      i = end;
    }
  }
  void next() {
    offset_ += lattice_.step[2];
    if (++position_[2] < lattice_.count[2]) return;
    position_[2] = 0;
    if (++position_[1] == lattice_.count[1]) position_[1] = 0, ++position_[0];
    offset_ = position_[0] * lattice_.step[0] + position_[1] * lattice_.step[1];
  }

 private:
  const Lattice& lattice_;
  std::array<int64_t, 3> position_;
  int64_t offset_;
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// Bytes of packed B that are kept at a time: what fits in a core's second-level cache beside A and C.
constexpr int64_t gathered_b_bytes = int64_t{1} << 19;

/// Rows of C that go through all chains before the next: they stay in the second-level cache in between.
constexpr int64_t rows_at_a_time = 1024;

/// Tiles after which the activation is applied: C is then still in the first-level cache, and calls are few.
constexpr int64_t tiles_per_finish = 8;

/// What one thread works with: a rectangle of C, and the memory that it packs B into.
template <class T>
struct GatheredWork {
  const GatheredProduct<T>& p;
  int64_t column, columns;  ///< of the block
  int64_t depth;            ///< of the whole product
  int64_t* offsets;
  T* packed_b;

  static constexpr int64_t panel_columns = TileShape<T>::columns;
  int64_t panels() const { return (columns + panel_columns - 1) / panel_columns; }
  int64_t panel_width(int64_t panel) const { return std::min(panel_columns, columns - panel * panel_columns); }
};

/// Packs steps [k, k + depth) of the block's columns, panel after panel.
template <class T>
void pack_gathered(const GatheredWork<T>& w, int64_t k, int64_t depth, T* out) {
  constexpr int64_t panel_columns = GatheredWork<T>::panel_columns;
  const GatheredProduct<T>& p = w.p;
  for (int64_t panel = 0; panel < w.panels(); ++panel, out += depth * panel_columns) {
    const int64_t j = w.column + panel * panel_columns, width = w.panel_width(panel);
    if (p.transpose_b) {
      pack_columns<panel_columns>(p.b + j * p.b_step + k, p.b_step, depth, width, p.columns - j, out);
      continue;
    }
    if (p.b_rows.count[0] == 1 && p.b_rows.count[1] == 1) {
      pack_rows<panel_columns>(p.b + p.b_rows.offset(k) + j, p.b_rows.step[2], depth, width, out);
      continue;
    }
    LatticeWalk row(p.b_rows, k);
    for (int64_t i = 0; i < depth; ++i, row.next()) pack_rows<panel_columns>(p.b + row.offset() + j, 0, 1, width, out + i * panel_columns);
  }
}

/// Applies the activation to rows [row, row_end) of the block's columns.
template <class T>
void finish_gathered(const GatheredWork<T>& w, int64_t row, int64_t row_end) {
  const GatheredProduct<T>& p = w.p;
  const Epilogue<T>& e = p.epilogue;
  if (e.activation == nullptr && e.pre_activation == nullptr) return;
  const T* const before = e.pre_activation != nullptr ? e.pre_activation : p.c;
  const auto finish = [&](int64_t offset, int64_t count) {
    if (e.activation != nullptr) {
      pointwise_here<T>(*e.activation, activation::value_itself, before + offset, nullptr, p.c + offset, count);
    } else {
      std::copy(before + offset, before + offset + count, p.c + offset);
    }
  };
  LatticeWalk result(p.results, row);
  const int64_t first = result.offset();
  // Rows that follow each other without a gap are one stretch of memory.
  if (w.columns == p.columns && p.results.offset(row_end - 1) - first == (row_end - 1 - row) * w.columns) return finish(first, (row_end - row) * w.columns);
  for (; row < row_end; ++row, result.next()) finish(result.offset() + w.column, w.columns);
}

/// Rows [row, row_end) of one chain: steps [k, k + depth).
template <class T>
void multiply_chain(const GatheredWork<T>& w, const T* packed_b, int64_t k, int64_t depth, int64_t row, int64_t row_end) {
  using Shape = TileShape<T>;
  constexpr int64_t lanes = Shape::lanes;
  const GatheredProduct<T>& p = w.p;
  const bool last = k + depth == w.depth;
  T* const c = p.epilogue.pre_activation != nullptr ? p.epilogue.pre_activation : p.c;
  LatticeWalk step(p.steps, k);
  step.take(depth, [&](int64_t i, int64_t offset) { w.offsets[i] = offset; });
  const int64_t rows = row_end - row, tiles = (rows + Shape::rows - 1) / Shape::rows, panels = w.panels();
  LatticeWalk place(p.rows, row), result(p.results, row);
  int64_t finished = row;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    // Tiles of nearly equal height: a last one of one or two rows would leave most registers idle.
    const int64_t begin = row + rows * tile / tiles, height = row + rows * (tile + 1) / tiles - begin;
    const T* a_rows[Shape::rows];
    T* c_rows[Shape::rows];
    place.take(height, [&](int64_t i, int64_t offset) { a_rows[i] = p.a + offset; });
    result.take(height, [&](int64_t i, int64_t offset) { c_rows[i] = c + offset; });
    for (int64_t panel = 0; panel < panels; ++panel) {
      const int64_t j = w.column + panel * Shape::columns, width = w.panel_width(panel), vectors = (width + lanes - 1) / lanes;
      gathered_function<T>(height, vectors)({.depth = depth,
                                             .offsets = w.offsets,
                                             .a_rows = a_rows,
                                             .b = packed_b + panel * depth * Shape::columns,
                                             .c_rows = c_rows,
                                             .column = j,
                                             .last_lanes = static_cast<size_t>(width - (vectors - 1) * lanes),
                                             .add = k != 0,
                                             .bias = last && p.epilogue.bias != nullptr ? p.epilogue.bias + j : nullptr});
    }
    if (last && (tile + 1 == tiles || (tile + 1) % tiles_per_finish == 0)) {
      finish_gathered(w, finished, begin + height);
      finished = begin + height;
    }
  }
}

template <class T>
void multiply_gathered_part(const GatheredProduct<T>& p, const GatheredPart& part) {
  using Shape = TileShape<T>;
  constexpr int64_t size = sizeof(T);
  const int64_t depth = p.steps.size(), deepest = std::clamp<int64_t>(depth, 1, chain_length);
  const int64_t width_limit = std::max<int64_t>(gathered_b_bytes / size / deepest / Shape::columns, 2) * Shape::columns;
  int64_t* const offsets = scratch<int64_t>(Scratch::offsets, deepest);
  for (int64_t column = part.column; column < part.column_end; column += width_limit) {
    GatheredWork<T> w{.p = p, .column = column, .columns = std::min(width_limit, part.column_end - column), .depth = depth, .offsets = offsets, .packed_b = nullptr};
    const int64_t width = w.panels() * Shape::columns;
    // Either all of the block's B is packed once, or each chain's share when it is needed.
    const bool at_hand = depth * width * size <= gathered_b_bytes;
    w.packed_b = scratch<T>(Scratch::gemm_b, (at_hand ? std::max<int64_t>(depth, 1) : deepest) * width);
    for (int64_t row = part.row; row < part.row_end; row += rows_at_a_time) {
      const int64_t row_end = std::min(row + rows_at_a_time, part.row_end);
      for (int64_t k = 0; k == 0 || k < depth; k += chain_length) {  // once even for depth 0
        const int64_t steps = std::min(depth - k, chain_length);
        T* const packed = w.packed_b + (at_hand ? k * width : 0);
        if (steps > 0 && (!at_hand || row == part.row)) pack_gathered(w, k, steps, packed);
        multiply_chain(w, packed, k, steps, row, row_end);
      }
    }
  }
}

template <class T>
const GatheredTarget<T>& gathered_target() {
  static constexpr GatheredTarget<T> target{TileShape<T>::lanes, &multiply_gathered_part<T>};
  return target;
}
const GatheredTarget<float>& gathered_target_float() { return gathered_target<float>(); }
const GatheredTarget<double>& gathered_target_double() { return gathered_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(gathered_target_float);
HWY_EXPORT(gathered_target_double);
const GatheredTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(gathered_target_float)(); }
const GatheredTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(gathered_target_double)(); }

/// The number of parts of rows and of columns that gives the slowest thread least to do.
std::pair<int64_t, int64_t> choose_cut(int64_t rows, int64_t columns, int64_t depth, int64_t lanes) {
  constexpr double work_per_thread = 1 << 19;  // multiply-adds; below this, waking a thread costs more than it saves
  const double work = static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(std::max<int64_t>(depth, 1));
  const int64_t threads = std::min<int64_t>(thread_count(), static_cast<int64_t>(work / work_per_thread));
  std::pair<int64_t, int64_t> best{1, 1};
  double least = -1;
  const int64_t vectors = (columns - 1) / lanes + 1;
  for (int64_t across = 1; across <= std::min(threads, vectors); ++across) {
    const int64_t down = std::min(threads / across, rows);
    const double height = static_cast<double>((rows - 1) / down + 1), width = static_cast<double>(((vectors - 1) / across + 1) * lanes);
    const double cost = height * width + 4 * width + height;  // multiplying, packing B, reading A
    if (least < 0 || cost < least) best = {down, across}, least = cost;
  }
  return best;
}

}  // namespace

template <class T>
void gathered_gemm(const GatheredProduct<T>& product) noexcept {
  const int64_t rows = product.rows.size(), columns = product.columns;
  if (rows <= 0 || columns <= 0) return;
  const GatheredTarget<T>& target = target_for(T());
  const auto [down, across] = choose_cut(rows, columns, product.steps.size(), target.lanes);
  const int64_t vectors = (columns - 1) / target.lanes + 1;
  parallel_for(down * across, 1, [&, down = down, across = across](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      const int64_t i = part / across, j = part % across;
      target.multiply(product, {rows * i / down, rows * (i + 1) / down, vectors * j / across * target.lanes,
                                std::min(columns, vectors * (j + 1) / across * target.lanes)});
    }
  });
}

template void gathered_gemm(const GatheredProduct<float>&) noexcept;
template void gathered_gemm(const GatheredProduct<double>&) noexcept;

}  // namespace rectify::kernel
#endif
