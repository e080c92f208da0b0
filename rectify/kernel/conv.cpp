#include "rectify/kernel/conv.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/pointwise.h"

namespace rectify::kernel {
namespace {

/// A sum in the order of a GEMM's element.
template <class T>
class OrderedSum {
 public:
  void add(T a, T b) {
    if (length_ == chain_length) {
      total_ = first_ ? chain_ : total_ + chain_;
      chain_ = 0, length_ = 0, first_ = false;
    }
    chain_ = std::fma(a, b, chain_);
    ++length_;
  }
  T value() const { return first_ ? chain_ : total_ + chain_; }

 private:
  T total_ = 0, chain_ = 0;
  int64_t length_ = 0;
  bool first_ = true;
};

/// Element (n, row, column, channel) of images of the given size and number of channels, 0 outside.
template <class T>
T at(const T* x, Extent image, int64_t channels, int64_t n, int64_t row, int64_t column, int64_t channel) {
  if (row < 0 || row >= image.height || column < 0 || column >= image.width) return 0;
  return x[((n * image.height + row) * image.width + column) * channels + channel];
}

}  // namespace

template <class T>
void convolve(const Convolution& s, const T* x, const T* weight, T* y, const Epilogue<T>& epilogue) noexcept {
  const Extent out = s.output();
  const int64_t in_group = s.channels_per_group();
  parallel_for(s.batch * out.height, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / out.height, row = i % out.height;
      for (int64_t column = 0; column < out.width; ++column) {
        for (int64_t o = 0; o < s.out_channels; ++o) {
          const int64_t first = o / s.outputs_per_group() * in_group;
          OrderedSum<T> sum;
          for (int64_t p = 0; p < s.kernel.height; ++p) {
            for (int64_t q = 0; q < s.kernel.width; ++q) {
              for (int64_t c = 0; c < in_group; ++c) {
                sum.add(at(x, s.image, s.channels, n, row * s.stride.height - s.padding.height + p * s.dilation.height,
                           column * s.stride.width - s.padding.width + q * s.dilation.width, first + c),
                        weight[((o * s.kernel.height + p) * s.kernel.width + q) * in_group + c]);
              }
            }
          }
          T value = sum.value();
          if (epilogue.bias != nullptr) value += epilogue.bias[o];
          y[(i * out.width + column) * s.out_channels + o] = value;
        }
      }
    }
  });
  const int64_t count = s.batch * out.height * out.width * s.out_channels;
  if (epilogue.pre_activation != nullptr) std::copy(y, y + count, epilogue.pre_activation);
  if (epilogue.activation != nullptr) pointwise<T>(*epilogue.activation, activation::value_itself, y, nullptr, y, count);
}

template <class T>
void convolve_input_gradient(const Convolution& s, const T* g, const T* weight, T* dx) noexcept {
  const Extent out = s.output();
  const int64_t in_group = s.channels_per_group(), out_group = s.outputs_per_group();
  parallel_for(s.batch * s.image.height, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / s.image.height, y = i % s.image.height;
      for (int64_t x = 0; x < s.image.width; ++x) {
        for (int64_t c = 0; c < s.channels; ++c) {
          const int64_t group = c / in_group;
          OrderedSum<T> sum;
          for (int64_t p = s.kernel.height - 1; p >= 0; --p) {
            const int64_t row = y + s.padding.height - p * s.dilation.height;
            if (row % s.stride.height != 0) continue;
            for (int64_t q = s.kernel.width - 1; q >= 0; --q) {
              const int64_t column = x + s.padding.width - q * s.dilation.width;
              if (column % s.stride.width != 0) continue;
              for (int64_t o = group * out_group; o < (group + 1) * out_group; ++o) {
                sum.add(at(g, out, s.out_channels, n, row / s.stride.height, column / s.stride.width, o),
                        weight[((o * s.kernel.height + p) * s.kernel.width + q) * in_group + c - group * in_group]);
              }
            }
          }
          dx[(i * s.image.width + x) * s.channels + c] = sum.value();
        }
      }
    }
  });
}

template <class T>
void convolve_weight_gradient(const Convolution& s, const T* x, const T* g, T* dw) noexcept {
  const Extent out = s.output();
  const int64_t in_group = s.channels_per_group(), taps = s.kernel.height * s.kernel.width;
  parallel_for(s.out_channels * taps * in_group, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t o = i / (taps * in_group), p = i / in_group / s.kernel.width % s.kernel.height, q = i / in_group % s.kernel.width;
      const int64_t channel = o / s.outputs_per_group() * in_group + i % in_group;
      OrderedSum<T> sum;
      for (int64_t n = 0; n < s.batch; ++n) {
        for (int64_t row = 0; row < out.height; ++row) {
          for (int64_t column = 0; column < out.width; ++column) {
            sum.add(at(x, s.image, s.channels, n, row * s.stride.height - s.padding.height + p * s.dilation.height,
                       column * s.stride.width - s.padding.width + q * s.dilation.width, channel),
                    g[((n * out.height + row) * out.width + column) * s.out_channels + o]);
          }
        }
      }
      dw[i] = sum.value();
    }
  });
}

template void convolve(const Convolution&, const float*, const float*, float*, const Epilogue<float>&) noexcept;
template void convolve(const Convolution&, const double*, const double*, double*, const Epilogue<double>&) noexcept;
template void convolve_input_gradient(const Convolution&, const float*, const float*, float*) noexcept;
template void convolve_input_gradient(const Convolution&, const double*, const double*, double*) noexcept;
template void convolve_weight_gradient(const Convolution&, const float*, const float*, float*) noexcept;
template void convolve_weight_gradient(const Convolution&, const double*, const double*, double*) noexcept;

}  // namespace rectify::kernel
