#include "rectify/kernel/conv.h"

#include <algorithm>
#include <numeric>

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/arithmetic.h"
#include "rectify/kernel/gathered.h"
#include "rectify/kernel/scratch.h"

namespace rectify::kernel {
namespace {

/// Zeros around each image, and what is in the middle.
struct Frame {
  int64_t top = 0, bottom = 0, left = 0, right = 0;
  bool empty() const { return top == 0 && bottom == 0 && left == 0 && right == 0; }
};

/// Images of `channels` numbers at each place.
template <class T>
struct Images {
  const T* data;
  int64_t batch;
  Extent size;
  int64_t channels;

  /// How far apart in memory are two images, two rows of one, and two places of a row.
  int64_t image_step() const { return size.height * row_step(); }
  int64_t row_step() const { return size.width * channels; }
};

/// The images inside frames: where they are if the frame is empty, otherwise a copy that lasts until the next one on this thread.
template <class T>
Images<T> framed(const Images<T>& x, const Frame& frame) {
  if (frame.empty()) return x;
  Images<T> result{nullptr, x.batch, {x.size.height + frame.top + frame.bottom, x.size.width + frame.left + frame.right}, x.channels};
  T* const copy = scratch<T>(Scratch::image, result.batch * result.image_step());
  const int64_t left = frame.left * x.channels, right = frame.right * x.channels, row = result.row_step();
  parallel_for(x.batch, std::max<int64_t>(1, 16384 / std::max<int64_t>(result.image_step(), 1)), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const T* from = x.data + n * x.image_step();
      T* to = copy + n * result.image_step();
      to = std::fill_n(to, frame.top * row, T(0));
      for (int64_t y = 0; y < x.size.height; ++y, from += x.row_step()) {
        to = std::fill_n(to, left, T(0));
        to = std::copy_n(from, x.row_step(), to);
        to = std::fill_n(to, right, T(0));
      }
      std::fill_n(to, frame.bottom * row, T(0));
    }
  });
  result.data = copy;
  return result;
}

template <class T>
Images<T> padded_input(const Convolution& s, const T* x) {
  return framed<T>({x, s.batch, s.image, s.channels}, {s.padding.height, s.padding.height, s.padding.width, s.padding.width});
}

/// Positions of the output, as places of the (padded) input where the kernel's first row and column lies.
template <class T>
Lattice output_positions(const Convolution& s, const Images<T>& input) {
  const Extent out = s.output();
  return {{s.batch, out.height, out.width}, {input.image_step(), s.stride.height * input.row_step(), s.stride.width * input.channels}};
}

/// What lies under the kernel, from its first row and column.
template <class T>
Lattice under_kernel(const Convolution& s, const Images<T>& input) {
  return {{s.kernel.height, s.kernel.width, s.channels_per_group()}, {s.dilation.height * input.row_step(), s.dilation.width * input.channels, 1}};
}

/// Along one direction: the positions of the input that are congruent modulo the stride, and the kernel's taps that meet them, from the last to the first.
struct Residue {
  int64_t first = 0, positions = 0;      ///< positions first, first + stride, ...
  int64_t last_tap = 0, taps = 0, gap = 1;  ///< taps last_tap, last_tap - gap, ...
  int64_t meets = 0;                     ///< the output's position where last_tap meets `first`; may be outside the output
  int64_t tap_step = 0;                  ///< from one of the taps to the next, the output's position grows by this

  int64_t highest() const { return meets + (positions - 1) + (taps - 1) * tap_step; }
};

Residue residue(int64_t remainder, int64_t size, int64_t taps, int64_t stride, int64_t padding, int64_t dilation) {
  Residue r;
  r.first = ((remainder - padding) % stride + stride) % stride;
  r.positions = r.first < size ? (size - 1 - r.first) / stride + 1 : 0;
  const int64_t common = std::gcd(stride, dilation);
  r.gap = stride / common;
  r.tap_step = dilation / common;
  r.last_tap = taps - 1;
  while (r.last_tap >= 0 && r.last_tap * dilation % stride != remainder) --r.last_tap;
  r.taps = r.last_tap < 0 ? 0 : r.last_tap / r.gap + 1;
  if (r.taps > 0) r.meets = (r.first + padding - r.last_tap * dilation) / stride;
  return r;
}

/// How far the residues of one direction reach beyond the output, before its first position and after its last.
struct Reach {
  int64_t before = 0, after = 0;
  void include(const Residue& r, int64_t output) {
    if (r.positions == 0 || r.taps == 0) return;
    before = std::max(before, -r.meets);
    after = std::max(after, r.highest() - (output - 1));
  }
};

}  // namespace

template <class T>
void convolve(const Convolution& s, const T* x, const T* weight, T* y, const Epilogue<T>& epilogue) noexcept {
  const Extent out = s.output();
  const Images<T> input = padded_input(s, x);
  const Lattice under = under_kernel(s, input);
  const int64_t columns = s.outputs_per_group(), depth = under.size();
  for (int64_t group = 0; group < s.groups; ++group) {
    const int64_t first = group * columns;
    const Epilogue<T> part{epilogue.bias != nullptr ? epilogue.bias + first : nullptr, epilogue.activation,
                           epilogue.pre_activation != nullptr ? epilogue.pre_activation + first : nullptr};
    gathered_gemm<T>({.a = input.data + group * s.channels_per_group(),
                      .rows = output_positions(s, input),
                      .steps = under,
                      .b = weight + first * depth,
                      .transpose_b = true,
                      .b_step = depth,
                      .b_rows = {},
                      .c = y + first,
                      .results = {{1, 1, s.batch * out.height * out.width}, {0, 0, s.out_channels}},
                      .columns = columns,
                      .epilogue = part});
  }
}

template <class T>
void convolve_input_gradient(const Convolution& s, const T* g, const T* weight, T* dx) noexcept {
  const Extent out = s.output();
  const auto rows = [&](int64_t i) { return residue(i, s.image.height, s.kernel.height, s.stride.height, s.padding.height, s.dilation.height); };
  const auto columns = [&](int64_t i) { return residue(i, s.image.width, s.kernel.width, s.stride.width, s.padding.width, s.dilation.width); };
  Reach down, across;
  for (int64_t i = 0; i < s.stride.height; ++i) down.include(rows(i), out.height);
  for (int64_t i = 0; i < s.stride.width; ++i) across.include(columns(i), out.width);
  const Images<T> gradient = framed<T>({g, s.batch, out, s.out_channels}, {down.before, down.after, across.before, across.after});

  const int64_t in_group = s.channels_per_group(), out_group = s.outputs_per_group(), row_step = s.image.width * s.channels;
  const int64_t tap_size = in_group, weight_size = s.kernel.height * s.kernel.width * tap_size;
  for (int64_t i = 0; i < s.stride.height; ++i) {
    for (int64_t j = 0; j < s.stride.width; ++j) {
      const Residue r = rows(i), c = columns(j);
      // No tap meets these positions: a chain of no steps.
      const bool none = r.taps == 0 || c.taps == 0;
      const std::array<int64_t, 3> taps = none ? std::array<int64_t, 3>{0, 1, 1} : std::array<int64_t, 3>{r.taps, c.taps, out_group};
      for (int64_t group = 0; group < s.groups; ++group) {
        const T* const first_place = none ? gradient.data : gradient.data + (r.meets + down.before) * gradient.row_step() + (c.meets + across.before) * gradient.channels;
        const T* const first_weight = none ? weight : weight + group * out_group * weight_size + (r.last_tap * s.kernel.width + c.last_tap) * tap_size;
        gathered_gemm<T>({.a = first_place + group * out_group,
                          .rows = {{s.batch, r.positions, c.positions}, {gradient.image_step(), gradient.row_step(), gradient.channels}},
                          .steps = {taps, {r.tap_step * gradient.row_step(), c.tap_step * gradient.channels, 1}},
                          .b = first_weight,
                          .transpose_b = false,
                          .b_step = 0,
                          .b_rows = {taps, {-r.gap * s.kernel.width * tap_size, -c.gap * tap_size, weight_size}},
                          .c = dx + r.first * row_step + c.first * s.channels + group * in_group,
                          .results = {{s.batch, r.positions, c.positions}, {s.image.height * row_step, s.stride.height * row_step, s.stride.width * s.channels}},
                          .columns = in_group,
                          .epilogue = {}});
      }
    }
  }
}

template <class T>
void convolve_weight_gradient(const Convolution& s, const T* x, const T* g, T* dw) noexcept {
  const Images<T> input = padded_input(s, x);
  const Lattice under = under_kernel(s, input), positions = output_positions(s, input);
  const int64_t out_group = s.outputs_per_group(), weight_size = under.size();
  T* const transposed = scratch<T>(Scratch::gradient, weight_size * out_group);
  for (int64_t group = 0; group < s.groups; ++group) {
    gathered_gemm<T>({.a = input.data + group * s.channels_per_group(),
                      .rows = under,
                      .steps = positions.size() > 0 ? positions : Lattice{{0, 1, 1}, {0, 0, 0}},
                      .b = g + group * out_group,
                      .transpose_b = false,
                      .b_step = 0,
                      .b_rows = {{1, 1, std::max<int64_t>(positions.size(), 1)}, {0, 0, s.out_channels}},
                      .c = transposed,
                      .results = {{1, 1, weight_size}, {0, 0, out_group}},
                      .columns = out_group,
                      .epilogue = {}});
    transpose(transposed, weight_size, out_group, dw + group * out_group * weight_size);
  }
}

template void convolve(const Convolution&, const float*, const float*, float*, const Epilogue<float>&) noexcept;
template void convolve(const Convolution&, const double*, const double*, double*, const Epilogue<double>&) noexcept;
template void convolve_input_gradient(const Convolution&, const float*, const float*, float*) noexcept;
template void convolve_input_gradient(const Convolution&, const double*, const double*, double*) noexcept;
template void convolve_weight_gradient(const Convolution&, const float*, const float*, float*) noexcept;
template void convolve_weight_gradient(const Convolution&, const double*, const double*, double*) noexcept;

}  // namespace rectify::kernel
