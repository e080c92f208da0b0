#include "rectify/kernel/pool.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "rectify/activation/inline.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/pool.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/elementwise-inl.h"
#include "rectify/kernel/wide_access-inl.h"

#ifndef RECTIFY_KERNEL_POOL_TARGET
#define RECTIFY_KERNEL_POOL_TARGET
namespace rectify::kernel {

/// What the part that knows no SIMD needs of a target. Forward passes take a range of the outputs' rows (batch and height together), backward passes one of the
/// inputs' rows, and that for windows that lie apart one of the outputs' again.
template <class T>
struct PoolTarget {
  template <class Index>
  struct Largest {
    void (*forward)(const Pooling&, const T* x, int64_t begin, int64_t end, T* y, Index* chosen);
    void (*backward)(const Pooling&, const T* g, const Index* chosen, int64_t begin, int64_t end, T* gx);
    void (*backward_apart)(const Pooling&, const T* g, const Index* chosen, int64_t begin, int64_t end, T* gx);
  };
  Largest<uint8_t> small;
  Largest<int64_t> large;
  void (*average)(const Pooling&, bool count_padding, const T* x, int64_t begin, int64_t end, T* y);
  void (*average_backward)(const Pooling&, bool count_padding, const T* g, int64_t begin, int64_t end, T* gx);

  const auto& of(uint8_t) const { return small; }
  const auto& of(int64_t) const { return large; }
};

/// Whether the windows neither overlap nor leave gaps nor reach beyond the image: then each place but those at the end belongs to one window.
inline bool windows_apart(const Pooling& s) { return s.kernel == s.stride && s.padding == Extent{0, 0}; }

/// A range of positions along one axis.
struct Span {
  int64_t begin, end;
  int64_t count() const { return end - begin; }
};

/// The places of window `index` that lie on the image, relative to the window's own beginning.
inline Span places_inside(int64_t index, int64_t stride, int64_t padding, int64_t kernel, int64_t image) {
  const int64_t first = index * stride - padding;
  return {std::max<int64_t>(0, -first), std::min(kernel, image - first)};
}

/// The windows that hold a position of the image.
inline Span windows_over(int64_t position, int64_t stride, int64_t padding, int64_t kernel, int64_t windows) {
  const int64_t last = position + padding, before = last - kernel;
  return {before < 0 ? 0 : before / stride + 1, std::min(windows, last / stride + 1)};
}

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// Places of a window, kept as lanes of T (exact: a window has fewer than 2^24 places) and stored as whole numbers.
template <class T>
struct Places {
  using D = hn::ScalableTag<T>;
  using Whole = hn::Rebind<int32_t, D>;
  using Byte = hn::Rebind<uint8_t, D>;
  static constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());

  static HWY_INLINE hn::Vec<Whole> whole(hn::Vec<D> v) {
    if constexpr (sizeof(T) == 4) {
      return hn::ConvertTo(Whole(), v);
    } else {
      return hn::DemoteTo(Whole(), v);
    }
  }
  static HWY_INLINE hn::Vec<D> from_whole(hn::Vec<Whole> v) {
    if constexpr (sizeof(T) == 4) {
      return hn::ConvertTo(D(), v);
    } else {
      return hn::PromoteTo(D(), v);
    }
  }
  static HWY_INLINE void store(hn::Vec<D> v, uint8_t* p, int64_t count) {
    const auto bytes = hn::DemoteTo(Byte(), whole(v));
    if (count == lanes) {
      hn::StoreU(bytes, Byte(), p);
    } else {
#if HWY_TARGET <= HWY_AVX3
      store_first(bytes, Byte(), p, static_cast<size_t>(count));
#else
      uint8_t buffer[lanes];
      hn::StoreU(bytes, Byte(), buffer);
      std::copy(buffer, buffer + count, p);
#endif
    }
  }
  static HWY_INLINE hn::Vec<D> load(const uint8_t* p, int64_t count) {
    if (count == lanes) return from_whole(hn::PromoteTo(Whole(), hn::LoadU(Byte(), p)));
#if HWY_TARGET <= HWY_AVX3
    return from_whole(hn::PromoteTo(Whole(), load_first(Byte(), p, static_cast<size_t>(count))));
#else
    uint8_t buffer[lanes] = {};
    std::copy(p, p + count, buffer);
    return from_whole(hn::PromoteTo(Whole(), hn::LoadU(Byte(), buffer)));
#endif
  }
  static HWY_INLINE void store(hn::Vec<D> v, int64_t* p, int64_t count) {
    T buffer[lanes];
    hn::StoreU(v, D(), buffer);
    for (int64_t i = 0; i < count; ++i) p[i] = static_cast<int64_t>(buffer[i]);
  }
  static HWY_INLINE hn::Vec<D> load(const int64_t* p, int64_t count) {
    T buffer[lanes] = {};
    for (int64_t i = 0; i < count; ++i) buffer[i] = static_cast<T>(p[i]);
    return hn::LoadU(D(), buffer);
  }
};

/// Channels that an access of for_each_vector covers.
template <class T>
HWY_INLINE int64_t width_of(const WholeVector<T>&) {
  return Places<T>::lanes;
}
template <class T>
HWY_INLINE int64_t width_of(const FirstLanes<T>& access) {
  return static_cast<int64_t>(access.count);
}

/// The largest of window [rows, columns) for the channels of one access, and its place. x is the number of the window's first row and column; a row of the image
/// has `row_step` numbers.
template <class Access, class T>
HWY_INLINE void largest_of(const Access& access, const T* x, int64_t row_step, int64_t channels, Span rows, Span columns, int64_t kernel_width, hn::Vec<hn::ScalableTag<T>>& best,
                           hn::Vec<hn::ScalableTag<T>>& place) {
  const hn::ScalableTag<T> d;
  best = access.load(x + rows.begin * row_step + columns.begin * channels);
  place = hn::Set(d, static_cast<T>(rows.begin * kernel_width + columns.begin));
  for (int64_t p = rows.begin; p < rows.end; ++p) {
    for (int64_t q = columns.begin; q < columns.end; ++q) {
      const auto candidate = access.load(x + p * row_step + q * channels);
      // Larger, or the first that is no number.
      const auto better = hn::AndNot(hn::Le(candidate, best), hn::Eq(best, best));
      best = hn::IfThenElse(better, candidate, best);
      place = hn::IfThenElse(better, hn::Set(d, static_cast<T>(p * kernel_width + q)), place);
    }
  }
}

template <class T, class Index>
void max_pool_rows(const Pooling& s, const T* x, int64_t begin, int64_t end, T* y, Index* chosen) {
  const hn::ScalableTag<T> d;
  const Extent out = s.output();
  for (int64_t i = begin; i < end; ++i) {
    const int64_t n = i / out.height, row = i % out.height;
    const Span rows = places_inside(row, s.stride.height, s.padding.height, s.kernel.height, s.image.height);
    for (int64_t column = 0; column < out.width; ++column) {
      const Span columns = places_inside(column, s.stride.width, s.padding.width, s.kernel.width, s.image.width);
      const int64_t top = n * s.image.height + row * s.stride.height - s.padding.height, left = column * s.stride.width - s.padding.width;
      const int64_t to = (i * out.width + column) * s.channels;
      const int64_t row_step = s.image.width * s.channels;
      const T* const window = x + top * row_step + left * s.channels;
      const bool two_by_two = s.kernel == Extent{2, 2} && rows.count() == 2 && columns.count() == 2;
      for_each_vector<T>(0, s.channels, [&](const auto& access, int64_t c) HWY_ATTR {
        auto best = hn::Zero(d), place = hn::Zero(d);
        if (two_by_two) {  // the commonest, unrolled
          largest_of(access, window + c, row_step, s.channels, Span{0, 2}, Span{0, 2}, 2, best, place);
        } else {
          largest_of(access, window + c, row_step, s.channels, rows, columns, s.kernel.width, best, place);
        }
        access.store(best, y + to + c);
        if (chosen != nullptr) Places<T>::store(place, chosen + to + c, width_of(access));
      });
    }
  }
}

/// The same for windows that lie apart, window after window: every number is read and written once. Rows [begin, end) of windows, those of an image's last row with
/// what no window holds.
template <class T, class Index>
void max_pool_backward_apart(const Pooling& s, const T* g, const Index* chosen, int64_t begin, int64_t end, T* gx) {
  const hn::ScalableTag<T> d;
  const Extent out = s.output();
  const int64_t row_step = s.image.width * s.channels, covered = out.width * s.kernel.width * s.channels;
  for (int64_t i = begin; i < end; ++i) {
    const int64_t n = i / out.height, row = i % out.height;
    T* const first_row = gx + (n * s.image.height + row * s.kernel.height) * row_step;
    for (int64_t column = 0; column < out.width; ++column) {
      const int64_t from = (i * out.width + column) * s.channels;
      T* const window = first_row + column * s.kernel.width * s.channels;
      for_each_vector<T>(0, s.channels, [&](const auto& access, int64_t c) HWY_ATTR {
        const auto place = Places<T>::load(chosen + from + c, width_of(access));
        const auto gradient = hn::Add(hn::Zero(d), access.load(g + from + c));  // as a sum from +0
        for (int64_t p = 0; p < s.kernel.height; ++p) {
          for (int64_t q = 0; q < s.kernel.width; ++q) {
            const auto here = hn::Eq(place, hn::Set(d, static_cast<T>(p * s.kernel.width + q)));
            access.store(hn::IfThenElseZero(here, gradient), window + p * row_step + q * s.channels + c);
          }
        }
      });
    }
    for (int64_t p = 0; p < s.kernel.height; ++p) std::fill(first_row + p * row_step + covered, first_row + (p + 1) * row_step, T(0));
    if (row + 1 == out.height) std::fill(first_row + s.kernel.height * row_step, gx + (n + 1) * s.image.height * row_step, T(0));
  }
}

template <class T, class Index>
void max_pool_backward_rows(const Pooling& s, const T* g, const Index* chosen, int64_t begin, int64_t end, T* gx) {
  const hn::ScalableTag<T> d;
  const Extent out = s.output();
  for (int64_t i = begin; i < end; ++i) {
    const int64_t n = i / s.image.height, row = i % s.image.height;
    const Span rows = windows_over(row, s.stride.height, s.padding.height, s.kernel.height, out.height);
    for (int64_t column = 0; column < s.image.width; ++column) {
      const Span columns = windows_over(column, s.stride.width, s.padding.width, s.kernel.width, out.width);
      for_each_vector<T>(0, s.channels, [&](const auto& access, int64_t c) HWY_ATTR {
        auto sum = hn::Zero(d);
        for (int64_t p = rows.begin; p < rows.end; ++p) {
          const int64_t window_row = (row + s.padding.height - p * s.stride.height) * s.kernel.width + column + s.padding.width;
          for (int64_t q = columns.begin; q < columns.end; ++q) {
            const int64_t from = ((n * out.height + p) * out.width + q) * s.channels + c;
            const auto here = hn::Eq(Places<T>::load(chosen + from, width_of(access)), hn::Set(d, static_cast<T>(window_row - q * s.stride.width)));
            // What is added elsewhere is +0, which changes no sum that began at +0.
            sum = hn::Add(sum, hn::IfThenElseZero(here, access.load(g + from)));
          }
        }
        access.store(sum, gx + (i * s.image.width + column) * s.channels + c);
      });
    }
  }
}

/// How many places of a window count for its mean.
HWY_INLINE double places_counted(const Pooling& s, bool count_padding, Span rows, Span columns) {
  return static_cast<double>(count_padding ? s.kernel.height * s.kernel.width : rows.count() * columns.count());
}

template <class T>
void average_pool_rows(const Pooling& s, bool count_padding, const T* x, int64_t begin, int64_t end, T* y) {
  using V = wide::Double;
  const Extent out = s.output();
  for (int64_t i = begin; i < end; ++i) {
    const int64_t n = i / out.height, row = i % out.height;
    const Span rows = places_inside(row, s.stride.height, s.padding.height, s.kernel.height, s.image.height);
    for (int64_t column = 0; column < out.width; ++column) {
      const Span columns = places_inside(column, s.stride.width, s.padding.width, s.kernel.width, s.image.width);
      const int64_t top = n * s.image.height + row * s.stride.height - s.padding.height, left = column * s.stride.width - s.padding.width;
      const V number = places_counted(s, count_padding, rows, columns);
      wide::for_each(0, s.channels, [&](const auto& access, int64_t c) HWY_ATTR {
        V sum = 0.0;
        for (int64_t p = rows.begin; p < rows.end; ++p) {
          const T* const from = x + ((top + p) * s.image.width + left) * s.channels + c;
          for (int64_t q = columns.begin; q < columns.end; ++q) sum = sum + access.load(from + q * s.channels);
        }
        access.store(sum / number, y + (i * out.width + column) * s.channels + c);
      });
    }
  }
}

template <class T>
void average_pool_backward_rows(const Pooling& s, bool count_padding, const T* g, int64_t begin, int64_t end, T* gx) {
  using V = wide::Double;
  const Extent out = s.output();
  for (int64_t i = begin; i < end; ++i) {
    const int64_t n = i / s.image.height, row = i % s.image.height;
    const Span rows = windows_over(row, s.stride.height, s.padding.height, s.kernel.height, out.height);
    for (int64_t column = 0; column < s.image.width; ++column) {
      const Span columns = windows_over(column, s.stride.width, s.padding.width, s.kernel.width, out.width);
      wide::for_each(0, s.channels, [&](const auto& access, int64_t c) HWY_ATTR {
        V sum = 0.0;
        for (int64_t p = rows.begin; p < rows.end; ++p) {
          const Span inside_rows = places_inside(p, s.stride.height, s.padding.height, s.kernel.height, s.image.height);
          for (int64_t q = columns.begin; q < columns.end; ++q) {
            const Span inside = places_inside(q, s.stride.width, s.padding.width, s.kernel.width, s.image.width);
            const V share = 1.0 / places_counted(s, count_padding, inside_rows, inside);
            sum = fma(access.load(g + ((n * out.height + p) * out.width + q) * s.channels + c), share, sum);
          }
        }
        access.store(sum, gx + (i * s.image.width + column) * s.channels + c);
      });
    }
  }
}

template <class T>
const PoolTarget<T>& pool_target() {
  static constexpr PoolTarget<T> target{{&max_pool_rows<T, uint8_t>, &max_pool_backward_rows<T, uint8_t>, &max_pool_backward_apart<T, uint8_t>},
                                        {&max_pool_rows<T, int64_t>, &max_pool_backward_rows<T, int64_t>, &max_pool_backward_apart<T, int64_t>},
                                        &average_pool_rows<T>,
                                        &average_pool_backward_rows<T>};
  return target;
}
const PoolTarget<float>& pool_target_float() { return pool_target<float>(); }
const PoolTarget<double>& pool_target_double() { return pool_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(pool_target_float);
HWY_EXPORT(pool_target_double);
const PoolTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(pool_target_float)(); }
const PoolTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(pool_target_double)(); }

/// Rows per task of some microseconds, when a row has so many numbers to read.
int64_t grain(int64_t numbers) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(numbers, 1)); }

int64_t output_row_work(const Pooling& s) { return s.output().width * s.channels * s.kernel.height * s.kernel.width; }
int64_t image_row_work(const Pooling& s) { return s.image.width * s.channels * (s.kernel.height / s.stride.height + 1) * (s.kernel.width / s.stride.width + 1); }

}  // namespace

template <class T, class Index>
void max_pool(const Pooling& s, const T* x, T* y, Index* chosen) noexcept {
  parallel_for(s.batch * s.output().height, grain(output_row_work(s)),
               [&, run = target_for(T()).of(Index()).forward](int64_t begin, int64_t end) { run(s, x, begin, end, y, chosen); });
}

template <class T, class Index>
void max_pool_backward(const Pooling& s, const T* g, const Index* chosen, T* gx) noexcept {
  if (windows_apart(s)) {
    parallel_for(s.batch * s.output().height, grain(output_row_work(s)),
                 [&, run = target_for(T()).of(Index()).backward_apart](int64_t begin, int64_t end) { run(s, g, chosen, begin, end, gx); });
    return;
  }
  parallel_for(s.batch * s.image.height, grain(image_row_work(s)),
               [&, run = target_for(T()).of(Index()).backward](int64_t begin, int64_t end) { run(s, g, chosen, begin, end, gx); });
}

template <class T, class Index>
void max_pool_select(const Pooling& s, const T* x, const Index* chosen, T* y) noexcept {
  const Extent out = s.output();
  parallel_for(s.batch * out.height, grain(out.width * s.channels), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t top = i / out.height * s.image.height + i % out.height * s.stride.height - s.padding.height;
      for (int64_t j = 0; j < out.width * s.channels; ++j) {
        const int64_t place = static_cast<int64_t>(chosen[i * out.width * s.channels + j]), left = j / s.channels * s.stride.width - s.padding.width;
        y[i * out.width * s.channels + j] = x[((top + place / s.kernel.width) * s.image.width + left + place % s.kernel.width) * s.channels + j % s.channels];
      }
    }
  });
}

template <class T>
void average_pool(const Pooling& s, bool count_padding, const T* x, T* y) noexcept {
  parallel_for(s.batch * s.output().height, grain(output_row_work(s)),
               [&, run = target_for(T()).average](int64_t begin, int64_t end) { run(s, count_padding, x, begin, end, y); });
}

template <class T>
void average_pool_backward(const Pooling& s, bool count_padding, const T* g, T* gx) noexcept {
  parallel_for(s.batch * s.image.height, grain(image_row_work(s)),
               [&, run = target_for(T()).average_backward](int64_t begin, int64_t end) { run(s, count_padding, g, begin, end, gx); });
}

#define RECTIFY_MAX_POOL(T, Index)                                                              \
  template void max_pool(const Pooling&, const T*, T*, Index*) noexcept;                        \
  template void max_pool_backward(const Pooling&, const T*, const Index*, T*) noexcept;         \
  template void max_pool_select(const Pooling&, const T*, const Index*, T*) noexcept;
RECTIFY_MAX_POOL(float, uint8_t)
RECTIFY_MAX_POOL(float, int64_t)
RECTIFY_MAX_POOL(double, uint8_t)
RECTIFY_MAX_POOL(double, int64_t)
#undef RECTIFY_MAX_POOL

template void average_pool(const Pooling&, bool, const float*, float*) noexcept;
template void average_pool(const Pooling&, bool, const double*, double*) noexcept;
template void average_pool_backward(const Pooling&, bool, const float*, float*) noexcept;
template void average_pool_backward(const Pooling&, bool, const double*, double*) noexcept;

}  // namespace rectify::kernel
#endif
