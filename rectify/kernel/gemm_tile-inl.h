// The GEMM's inner loop: a tile of C in registers, one chain of fused multiply-adds per element. Included once per target.
#if defined(RECTIFY_KERNEL_GEMM_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_GEMM_TILE_INL_H
#undef RECTIFY_KERNEL_GEMM_TILE_INL_H
#else
#define RECTIFY_KERNEL_GEMM_TILE_INL_H
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "rectify/kernel/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// How far ahead rows of a matrix that is read for the first time are asked for.
constexpr int64_t rows_ahead = 16;

/// The tile that fills the registers: rows x (vectors * lanes). The accumulators leave room for a row of B and one number of A.
template <class T>
struct TileShape {
  static constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || (HWY_TARGET == HWY_NEON && HWY_ARCH_ARM_A64)
  static constexpr int64_t rows = 14, vectors = 2;  // 32 registers
#elif HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  static constexpr int64_t rows = 4, vectors = 2;
#else
  static constexpr int64_t rows = 6, vectors = 2;  // 16 registers
#endif
  static constexpr int64_t columns = vectors * lanes;
  /// Width of a packed panel of A: whole vectors, for the sake of packing.
  static constexpr int64_t a_width = (rows + lanes - 1) / lanes * lanes;
};

/// Ends the chains of a tile: row i goes to c_row(i), added to what is there if `add`, with the bias if it is not null.
template <int64_t Rows, int64_t Vectors, class T, class RowOf>
HWY_INLINE void deliver(const hn::Vec<hn::ScalableTag<T>> (&chain)[Rows][Vectors], RowOf c_row, size_t last_lanes, bool add, const T* bias_numbers) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<hn::ScalableTag<T>>;
  constexpr int64_t lanes = TileShape<T>::lanes;
  const bool whole = last_lanes == static_cast<size_t>(lanes);
  V bias[Vectors];
  RECTIFY_UNROLL
  for (int64_t v = 0; v < Vectors; ++v) bias[v] = hn::Zero(d);
  if (bias_numbers != nullptr) {
    RECTIFY_UNROLL
    for (int64_t v = 0; v + 1 < Vectors; ++v) bias[v] = hn::LoadU(d, bias_numbers + v * lanes);
    bias[Vectors - 1] = load_first(d, bias_numbers + (Vectors - 1) * lanes, last_lanes);
  }
  RECTIFY_UNROLL
  for (int64_t i = 0; i < Rows; ++i) {
    T* HWY_RESTRICT c = c_row(i);
    RECTIFY_UNROLL
    for (int64_t v = 0; v < Vectors; ++v, c += lanes) {
      const bool all = whole || v + 1 < Vectors;
      V sum = chain[i][v];
      if (add) sum = hn::Add(all ? hn::LoadU(d, c) : load_first(d, c, last_lanes), sum);
      if (bias_numbers != nullptr) sum = hn::Add(sum, bias[v]);
      if (all) {
        hn::StoreU(sum, d, c);
      } else {
        store_first(sum, d, c, last_lanes);
      }
    }
  }
}

/// What a tile multiplies and where it goes.
template <class T>
struct TileTask {
  int64_t depth;         ///< length of the chain, at most chain_length
  const T* a;            ///< packed: a[k * a_width + i]; in place: a[i * a_step + k]
  int64_t a_step;        ///< of rows in place
  const T* b;            ///< b[k * b_step + j]
  int64_t b_step;
  T* c;
  int64_t c_step;
  size_t last_lanes;     ///< columns in the last vector
  bool add;              ///< c += the chains, instead of c = the chains
  const T* bias;         ///< added at the end if not null
  T* packed_b = nullptr; ///< where a tile that keeps B leaves it: packed_b[k * columns + j]
};

/// Where a tile finds its rows of A.
enum class RowsOfA { packed, in_place };

/// Computes the tile; if `keep`, also packs the panel of B that it reads, at the cost of stores for which the multiplications leave room.
template <int64_t Rows, int64_t Vectors, RowsOfA where, bool keep, class T>
void multiply_tile(const TileTask<T>& task) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<hn::ScalableTag<T>>;
  constexpr int64_t lanes = TileShape<T>::lanes, a_width = TileShape<T>::a_width;
  V chain[Rows][Vectors];
  RECTIFY_UNROLL
  for (int64_t i = 0; i < Rows; ++i) {
    RECTIFY_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) chain[i][v] = hn::Zero(d);
  }
  const T* HWY_RESTRICT a = task.a;
  const T* HWY_RESTRICT b = task.b;
  const int64_t b_step = task.b_step;
  [[maybe_unused]] T* HWY_RESTRICT packed = task.packed_b;
  // C comes into the cache while the chains are computed.
  RECTIFY_UNROLL
  for (int64_t i = 0; i < Rows; ++i) {
    RECTIFY_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) __builtin_prefetch(task.c + i * task.c_step + v * lanes);
  }
  // A row in place is this far from the first of its three: few pointers serve all rows.
  [[maybe_unused]] const int64_t one = task.a_step, two = 2 * task.a_step;
  for (int64_t k = task.depth; k != 0; --k, a += where == RowsOfA::packed ? a_width : 1, b += b_step) {
    V row[Vectors];
    RECTIFY_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) row[v] = hn::LoadU(d, b + v * lanes);
    if constexpr (keep) {
      // Rows of B may be pages apart, where the processor does not look ahead by itself.
      RECTIFY_UNROLL
      for (int64_t v = 0; v < Vectors; ++v) __builtin_prefetch(b + rows_ahead * b_step + v * lanes);
      RECTIFY_UNROLL
      for (int64_t v = 0; v < Vectors; ++v) hn::StoreU(row[v], d, packed + v * lanes);
      packed += TileShape<T>::columns;
    }
    RECTIFY_UNROLL
    for (int64_t i = 0; i < Rows; ++i) {
      V number;
      if constexpr (where == RowsOfA::packed) {
        number = hn::Set(d, a[i]);
      } else {
        number = hn::Set(d, a[i / 3 * (one + two) + (i % 3 == 0 ? 0 : i % 3 == 1 ? one : two)]);
      }
      RECTIFY_UNROLL
      for (int64_t v = 0; v < Vectors; ++v) chain[i][v] = fused(d, number, row[v], chain[i][v]);
    }
  }
  deliver<Rows, Vectors, T>(chain, [&](int64_t i) { return task.c + i * task.c_step; }, task.last_lanes, task.add, task.bias);
}

template <class T>
using TileFunction = void (*)(const TileTask<T>&);

/// The functions for tiles of as many rows, at least one: of one vector, of two, and of two that keep B.
template <class T>
struct TileFunctions {
  TileFunction<T> narrow, whole, keeping;
};

template <class T, RowsOfA where, int64_t... Rows>
constexpr auto tile_functions(std::integer_sequence<int64_t, Rows...>) {
  static_assert(TileShape<T>::vectors == 2);
  return std::array<TileFunctions<T>, sizeof...(Rows)>{
      {{&multiply_tile<Rows + 1, 1, where, false, T>, &multiply_tile<Rows + 1, 2, where, false, T>, &multiply_tile<Rows + 1, 2, where, true, T>}...}};
}

template <class T>
HWY_INLINE const TileFunctions<T>& tile_functions(int64_t rows, RowsOfA where) {
  using AllRows = std::make_integer_sequence<int64_t, TileShape<T>::rows>;
  static constexpr auto packed = tile_functions<T, RowsOfA::packed>(AllRows()), in_place = tile_functions<T, RowsOfA::in_place>(AllRows());
  return (where == RowsOfA::packed ? packed : in_place)[static_cast<size_t>(rows - 1)];
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
