#include "rectify/kernel/selecting.h"

#include <algorithm>
#include <limits>

#include "rectify/base/thread_pool.h"

namespace rectify::kernel {
namespace {

constexpr int64_t grain = 16384;

template <class T>
int64_t first_largest(const T* x, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count && x[best] == x[best]; ++i) {
    if (!(x[i] <= x[best])) best = i;  // larger, or NaN
  }
  return best;
}

}  // namespace

template <class T>
void maxout(const T* x, int64_t n, int64_t pieces, T* y) noexcept {
  parallel_for(n, std::max<int64_t>(1, grain / pieces), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = x[i * pieces + first_largest(x + i * pieces, pieces)];
  });
}

template <class T>
void maxout_backward(const T* x, const T* g, int64_t n, int64_t pieces, T* gx) noexcept {
  parallel_for(n, std::max<int64_t>(1, grain / pieces), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t best = first_largest(x + i * pieces, pieces);
      std::fill_n(gx + i * pieces, pieces, T{0});
      gx[i * pieces + best] = g[i];
    }
  });
}

template <class T>
void crelu(const T* x, int64_t rows, int64_t columns, T* y) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, std::max<int64_t>(1, grain / columns), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const T* from = x + r * columns;
      T *left = y + 2 * r * columns, *right = left + columns;
      for (int64_t i = 0; i < columns; ++i) {
        left[i] = from[i] <= 0 ? T{0} : from[i];
        right[i] = from[i] >= 0 ? T{0} : -from[i];
      }
    }
  });
}

template <class T>
void crelu_backward(const T* x, const T* g, int64_t rows, int64_t columns, T* gx) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, std::max<int64_t>(1, grain / columns), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const T *from = x + r * columns, *left = g + 2 * r * columns, *right = left + columns;
      T* to = gx + r * columns;
      for (int64_t i = 0; i < columns; ++i) {
        to[i] = from[i] > 0 ? left[i] : from[i] < 0 ? -right[i] : from[i] == 0 ? T{0} : std::numeric_limits<T>::quiet_NaN();
      }
    }
  });
}

template void maxout(const float*, int64_t, int64_t, float*) noexcept;
template void maxout(const double*, int64_t, int64_t, double*) noexcept;
template void maxout_backward(const float*, const float*, int64_t, int64_t, float*) noexcept;
template void maxout_backward(const double*, const double*, int64_t, int64_t, double*) noexcept;
template void crelu(const float*, int64_t, int64_t, float*) noexcept;
template void crelu(const double*, int64_t, int64_t, double*) noexcept;
template void crelu_backward(const float*, const float*, int64_t, int64_t, float*) noexcept;
template void crelu_backward(const double*, const double*, int64_t, int64_t, double*) noexcept;

}  // namespace rectify::kernel
