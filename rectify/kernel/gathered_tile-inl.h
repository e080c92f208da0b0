// The inner loop of convolutions: a tile as in gemm_tile-inl.h whose rows of A lie anywhere, so that nothing of an image is copied. Included once per target.
#if defined(RECTIFY_KERNEL_GATHERED_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RECTIFY_KERNEL_GATHERED_TILE_INL_H
#undef RECTIFY_KERNEL_GATHERED_TILE_INL_H
#else
#define RECTIFY_KERNEL_GATHERED_TILE_INL_H
#endif

#include "rectify/kernel/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// Element (i, k) of A is a_rows[i][offsets[k]]: the row says which position of the output, the offset which place under the kernel.
template <class T>
struct GatheredTask {
  int64_t depth;           ///< length of the chain, at most chain_length
  const int64_t* offsets;
  const T* const* a_rows;
  const T* b;              ///< packed: b[k * columns + j]
  T* const* c_rows;
  int64_t column;          ///< of each row of C, where the tile begins
  size_t last_lanes;       ///< columns in the last vector
  bool add;                ///< c += the chains, instead of c = the chains
  const T* bias;           ///< added at the end if not null; bias[0] belongs to the first column of the tile
};

template <int64_t Rows, int64_t Vectors, class T>
void multiply_gathered(const GatheredTask<T>& task) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<hn::ScalableTag<T>>;
  constexpr int64_t lanes = TileShape<T>::lanes, columns = TileShape<T>::columns;
  V chain[Rows][Vectors];
  const T* a[Rows];
  RECTIFY_UNROLL
  for (int64_t i = 0; i < Rows; ++i) {
    a[i] = task.a_rows[i];
    RECTIFY_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) chain[i][v] = hn::Zero(d);
  }
  const T* HWY_RESTRICT b = task.b;
  const int64_t* HWY_RESTRICT offset = task.offsets;
  for (int64_t k = task.depth; k != 0; --k, ++offset, b += columns) {
    V row[Vectors];
    RECTIFY_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) row[v] = hn::LoadU(d, b + v * lanes);
    const int64_t place = *offset;
    RECTIFY_UNROLL
    for (int64_t i = 0; i < Rows; ++i) {
      const V number = hn::Set(d, a[i][place]);
      RECTIFY_UNROLL
      for (int64_t v = 0; v < Vectors; ++v) chain[i][v] = fused(d, number, row[v], chain[i][v]);
    }
  }
  deliver<Rows, Vectors, T>(chain, [&](int64_t i) { return task.c_rows[i] + task.column; }, task.last_lanes, task.add, task.bias);
}

template <class T>
using GatheredFunction = void (*)(const GatheredTask<T>&);

template <class T, int64_t... Rows>
constexpr auto gathered_functions(std::integer_sequence<int64_t, Rows...>) {
  static_assert(TileShape<T>::vectors == 2);
  return std::array<std::array<GatheredFunction<T>, 2>, sizeof...(Rows)>{{{&multiply_gathered<Rows + 1, 1, T>, &multiply_gathered<Rows + 1, 2, T>}...}};
}

/// The function for a tile of `rows` x `vectors`, both at least 1.
template <class T>
HWY_INLINE GatheredFunction<T> gathered_function(int64_t rows, int64_t vectors) {
  static constexpr auto table = gathered_functions<T>(std::make_integer_sequence<int64_t, TileShape<T>::rows>());
  return table[static_cast<size_t>(rows - 1)][static_cast<size_t>(vectors - 1)];
}

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
