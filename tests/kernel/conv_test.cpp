// Convolution and its two gradients against their definition, byte for byte. The definition is written here a second time, over a padded copy of the image and
// over g's positions, so that no fast kernel can agree with it by sharing a mistake.
#include "rectify/kernel/conv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rectify/kernel/pointwise.h"
#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

/// The sum of products that gemm.h defines.
template <class T>
T chain(const std::vector<T>& a, const std::vector<T>& b) {
  T total = 0;
  for (size_t begin = 0; begin < a.size(); begin += chain_length) {
    T part = 0;
    for (size_t i = begin; i < a.size() && i < begin + chain_length; ++i) part = std::fma(a[i], b[i], part);
    total = begin == 0 ? part : total + part;
  }
  return total;
}

template <class T>
struct Problem {
  Convolution s;
  Extent out = s.output();
  int64_t in_group = s.channels_per_group(), out_group = s.outputs_per_group();
  // Every array begins one element behind an aligned address.
  std::vector<T> x = numbers<T>(1 + s.batch * s.image.height * s.image.width * s.channels, 1), g = numbers<T>(1 + outputs(), 2),
                 weight = numbers<T>(1 + s.out_channels * s.kernel.height * s.kernel.width * in_group, 3), bias = numbers<T>(s.out_channels, 4);

  int64_t outputs() const { return s.batch * out.height * out.width * s.out_channels; }

  T weight_at(int64_t o, int64_t p, int64_t q, int64_t c) const { return weight[static_cast<size_t>(1 + ((o * s.kernel.height + p) * s.kernel.width + q) * in_group + c)]; }
  T g_at(int64_t n, int64_t i, int64_t j, int64_t o) const {
    if (i < 0 || i >= out.height || j < 0 || j >= out.width) return 0;
    return g[static_cast<size_t>(1 + ((n * out.height + i) * out.width + j) * s.out_channels + o)];
  }

  /// The image with its zeros around it.
  std::vector<T> padded() const {
    const int64_t height = s.image.height + 2 * s.padding.height, width = s.image.width + 2 * s.padding.width;
    std::vector<T> result(static_cast<size_t>(s.batch * height * width * s.channels), T{0});
    size_t from = 1;
    for (int64_t n = 0; n < s.batch; ++n) {
      for (int64_t row = 0; row < s.image.height; ++row) {
        for (int64_t i = 0; i < s.image.width * s.channels; ++i) {
          result[static_cast<size_t>(((n * height + row + s.padding.height) * width + s.padding.width) * s.channels + i)] = x[from++];
        }
      }
    }
    return result;
  }
  T padded_at(const std::vector<T>& image, int64_t n, int64_t row, int64_t column, int64_t channel) const {
    const int64_t height = s.image.height + 2 * s.padding.height, width = s.image.width + 2 * s.padding.width;
    return image[static_cast<size_t>(((n * height + row) * width + column) * s.channels + channel)];
  }

  std::vector<T> expected(bool with_bias) const {
    const std::vector<T> image = padded();
    std::vector<T> result, patch, taps;
    for (int64_t n = 0; n < s.batch; ++n) {
      for (int64_t i = 0; i < out.height; ++i) {
        for (int64_t j = 0; j < out.width; ++j) {
          for (int64_t o = 0; o < s.out_channels; ++o) {
            patch.clear(), taps.clear();
            for (int64_t p = 0; p < s.kernel.height; ++p) {
              for (int64_t q = 0; q < s.kernel.width; ++q) {
                for (int64_t c = 0; c < in_group; ++c) {
                  patch.push_back(padded_at(image, n, i * s.stride.height + p * s.dilation.height, j * s.stride.width + q * s.dilation.width, o / out_group * in_group + c));
                  taps.push_back(weight_at(o, p, q, c));
                }
              }
            }
            result.push_back(chain(patch, taps));
            if (with_bias) result.back() += bias[static_cast<size_t>(o)];
          }
        }
      }
    }
    return result;
  }

  /// The kernel's tap by which position `i` of the output sees `position` of the image along one axis, or -1.
  static int64_t tap(int64_t position, int64_t i, int64_t stride, int64_t padding, int64_t dilation, int64_t kernel) {
    const int64_t distance = position + padding - i * stride;
    return distance >= 0 && distance % dilation == 0 && distance / dilation < kernel ? distance / dilation : -1;
  }

  std::vector<T> expected_input_gradient() const {
    std::vector<T> result, gradients, taps;
    // Positions of g, those outside it too, that can see a position of the image: ascending, which is the order of the sum.
    const auto reach = [](int64_t image, int64_t padding) { return image + padding + 1; };
    const int64_t below = s.dilation.height * s.kernel.height, left = s.dilation.width * s.kernel.width;
    for (int64_t n = 0; n < s.batch; ++n) {
      for (int64_t row = 0; row < s.image.height; ++row) {
        for (int64_t column = 0; column < s.image.width; ++column) {
          for (int64_t c = 0; c < s.channels; ++c) {
            gradients.clear(), taps.clear();
            for (int64_t i = -below; i < reach(s.image.height, s.padding.height); ++i) {
              const int64_t p = tap(row, i, s.stride.height, s.padding.height, s.dilation.height, s.kernel.height);
              if (p < 0) continue;
              for (int64_t j = -left; j < reach(s.image.width, s.padding.width); ++j) {
                const int64_t q = tap(column, j, s.stride.width, s.padding.width, s.dilation.width, s.kernel.width);
                if (q < 0) continue;
                for (int64_t o = c / in_group * out_group; o < (c / in_group + 1) * out_group; ++o) {
                  gradients.push_back(g_at(n, i, j, o));
                  taps.push_back(weight_at(o, p, q, c % in_group));
                }
              }
            }
            result.push_back(chain(gradients, taps));
          }
        }
      }
    }
    return result;
  }

  std::vector<T> expected_weight_gradient() const {
    const std::vector<T> image = padded();
    std::vector<T> result, column_of_patches, gradients;
    for (int64_t o = 0; o < s.out_channels; ++o) {
      for (int64_t p = 0; p < s.kernel.height; ++p) {
        for (int64_t q = 0; q < s.kernel.width; ++q) {
          for (int64_t c = 0; c < in_group; ++c) {
            column_of_patches.clear(), gradients.clear();
            for (int64_t n = 0; n < s.batch; ++n) {
              for (int64_t i = 0; i < out.height; ++i) {
                for (int64_t j = 0; j < out.width; ++j) {
                  column_of_patches.push_back(
                      padded_at(image, n, i * s.stride.height + p * s.dilation.height, j * s.stride.width + q * s.dilation.width, o / out_group * in_group + c));
                  gradients.push_back(g_at(n, i, j, o));
                }
              }
            }
            result.push_back(chain(column_of_patches, gradients));
          }
        }
      }
    }
    return result;
  }

  std::vector<T> computed(const Epilogue<T>& epilogue) const {
    std::vector<T> y(static_cast<size_t>(outputs()), T(-12345.5));
    convolve(s, x.data() + 1, weight.data() + 1, y.data(), epilogue);
    return y;
  }
  std::vector<T> computed_input_gradient() const {
    std::vector<T> dx(x.size() - 1, T(-12345.5));
    convolve_input_gradient(s, g.data() + 1, weight.data() + 1, dx.data());
    return dx;
  }
  std::vector<T> computed_weight_gradient() const {
    std::vector<T> dw(weight.size() - 1, T(-12345.5));
    convolve_weight_gradient(s, x.data() + 1, g.data() + 1, dw.data());
    return dw;
  }
};

std::string described(const Convolution& s) {
  const auto pair = [](const Extent& e) { return std::to_string(e.height) + "x" + std::to_string(e.width); };
  return "batch " + std::to_string(s.batch) + " image " + pair(s.image) + " channels " + std::to_string(s.channels) + " to " + std::to_string(s.out_channels) + " kernel " +
         pair(s.kernel) + " stride " + pair(s.stride) + " padding " + pair(s.padding) + " dilation " + pair(s.dilation) + " groups " + std::to_string(s.groups);
}

template <class T>
void check_exact(const std::vector<Convolution>& shapes) {
  struct Case {
    Problem<T> problem;
    std::vector<T> plain, biased, input_gradient, weight_gradient;
  };
  std::vector<Case> cases;
  for (const Convolution& s : shapes) {
    const Problem<T> p{s};
    cases.push_back({p, p.expected(false), p.expected(true), p.expected_input_gradient(), p.expected_weight_gradient()});
  }
  on_every_target_and_thread_count([&] {
    for (const Case& c : cases) {
      const Problem<T>& p = c.problem;
      ASSERT_TRUE(same_bits(p.computed({}), c.plain)) << described(p.s);
      ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data()}), c.biased)) << described(p.s) << " with bias";
      ASSERT_TRUE(same_bits(p.computed_input_gradient(), c.input_gradient)) << described(p.s) << " by the input";
      ASSERT_TRUE(same_bits(p.computed_weight_gradient(), c.weight_gradient)) << described(p.s) << " by the weight";
    }
  });
}

template <class T>
class Convolve : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Convolve, Types);

/// A small convolution; the tests change what they are about.
Convolution small() { return {.batch = 2, .image = {5, 6}, .channels = 3, .out_channels = 4, .kernel = {3, 3}, .stride = {1, 1}, .padding = {0, 0}, .dilation = {1, 1}, .groups = 1}; }

TYPED_TEST(Convolve, is_its_definition_for_every_stride_padding_and_dilation) {
  std::vector<Convolution> shapes;
  for (const Extent stride : {Extent{1, 1}, Extent{2, 2}, Extent{3, 3}, Extent{1, 3}, Extent{2, 1}}) {
    for (const Extent padding : {Extent{0, 0}, Extent{1, 1}, Extent{2, 1}, Extent{0, 3}}) {
      for (const Extent dilation : {Extent{1, 1}, Extent{2, 2}, Extent{1, 2}}) {
        for (const Extent kernel : {Extent{3, 3}, Extent{2, 1}, Extent{1, 4}}) {
          Convolution s = small();
          s.image = {7, 9}, s.channels = 2, s.out_channels = 3;
          s.stride = stride, s.padding = padding, s.dilation = dilation, s.kernel = kernel;
          if (s.output().height > 0 && s.output().width > 0) shapes.push_back(s);
        }
      }
    }
  }
  ASSERT_GT(shapes.size(), 150u);
  check_exact<TypeParam>(shapes);
}

TYPED_TEST(Convolve, is_its_definition_for_groups_and_for_each_channel_alone) {
  std::vector<Convolution> shapes;
  for (const int64_t groups : {2, 3, 6}) {
    for (const int64_t outputs : {1, 2, 5}) {
      for (const int64_t stride : {1, 2}) {
        Convolution s = small();
        s.channels = 6, s.groups = groups, s.out_channels = outputs * groups, s.stride = {stride, stride}, s.padding = {1, 1};
        shapes.push_back(s);
      }
    }
  }
  for (const int64_t channels : {1, 16, 33}) {
    Convolution s = small();
    s.channels = s.out_channels = s.groups = channels, s.padding = {1, 1};
    shapes.push_back(s);
    s.stride = {2, 2};
    shapes.push_back(s);
  }
  check_exact<TypeParam>(shapes);
}

TYPED_TEST(Convolve, is_its_definition_for_every_number_of_channels_and_outputs) {
  std::vector<Convolution> shapes;
  for (const int64_t channels : {1, 3, 16, 33}) {
    for (const int64_t outputs : {1, 5, 32}) {
      Convolution s = small();
      s.channels = channels, s.out_channels = outputs, s.padding = {1, 1};
      shapes.push_back(s);
      s.stride = {2, 2};
      shapes.push_back(s);
    }
  }
  for (int64_t outputs = 1; outputs <= 70; ++outputs) {
    Convolution s = small();
    s.batch = 1, s.image = {3, 4}, s.channels = 1 + outputs % 4, s.out_channels = outputs, s.kernel = {2, 2}, s.padding = {0, 1};
    shapes.push_back(s);
  }
  check_exact<TypeParam>(shapes);
}

TYPED_TEST(Convolve, is_its_definition_at_every_width) {
  std::vector<Convolution> shapes;
  for (int64_t width = 1; width <= 40; ++width) {
    Convolution s = small();
    s.batch = 1 + width % 2, s.image = {3, width}, s.channels = 1 + width % 3, s.out_channels = 1 + width % 5, s.padding = {1, 1};
    shapes.push_back(s);
    s.stride = {1, 2};
    shapes.push_back(s);
  }
  check_exact<TypeParam>(shapes);
}

TYPED_TEST(Convolve, is_its_definition_for_kernels_of_one_tap_and_kernels_larger_than_the_image) {
  std::vector<Convolution> shapes;
  for (const int64_t stride : {1, 2, 3}) {
    Convolution s = small();
    s.kernel = {1, 1}, s.stride = {stride, stride};
    shapes.push_back(s);
    s.padding = {1, 2};
    shapes.push_back(s);
  }
  for (const Extent image : {Extent{1, 1}, Extent{2, 3}}) {
    Convolution s = small();
    s.image = image, s.kernel = {5, 5}, s.padding = {2, 2};
    shapes.push_back(s);
    s.padding = {4, 3}, s.stride = {2, 2};
    shapes.push_back(s);
  }
  check_exact<TypeParam>(shapes);
}

TYPED_TEST(Convolve, begins_a_new_chain_after_512_products) {
  std::vector<Convolution> shapes;
  // 9 * 58 = 522 and 9 * 116 = 1044 products per output; 30 * 37 outputs per weight; 9 * 120 products per input.
  for (const int64_t channels : {57, 58, 116}) {
    Convolution s = small();
    s.batch = 1, s.image = {4, 5}, s.channels = channels, s.out_channels = 3, s.padding = {1, 1};
    shapes.push_back(s);
  }
  for (const int64_t outputs : {58, 120}) {
    Convolution s = small();
    s.batch = 1, s.image = {4, 4}, s.channels = 2, s.out_channels = outputs, s.padding = {1, 1};
    shapes.push_back(s);
  }
  Convolution s = small();
  s.image = {30, 37}, s.channels = 1, s.out_channels = 2, s.padding = {1, 1};
  shapes.push_back(s);
  s.batch = 3, s.image = {16, 16}, s.stride = {1, 2};
  shapes.push_back(s);
  check_exact<TypeParam>(shapes);
}

TYPED_TEST(Convolve, of_no_images_writes_nothing) {
  Convolution s = small();
  s.batch = 0;
  const Problem<TypeParam> p{s};
  on_every_target_and_thread_count([&] {
    EXPECT_TRUE(p.computed({.bias = p.bias.data()}).empty());
    EXPECT_TRUE(p.computed_input_gradient().empty());
  });
}

// convolve_weight_gradient divides by the number of samples' rows and so ends the program: to be enabled with the correction. conv2d_weight_gradient does not call it.
TYPED_TEST(Convolve, weight_gradient_of_no_images_is_zeros) {
  Convolution s = small();
  s.batch = 0;
  on_every_target_and_thread_count([&] { EXPECT_EQ(Problem<TypeParam>{s}.computed_weight_gradient(), std::vector<TypeParam>(4 * 27, 0)); });
}

TYPED_TEST(Convolve, multiplies_the_zeros_around_the_image) {
  // An infinite weight makes its padding NaN, and only its padding; a NaN in the image reaches what sees it and nothing else.
  Convolution s = small();
  s.batch = 1, s.channels = 1, s.out_channels = 1, s.padding = {1, 1};
  Problem<TypeParam> p{s};
  p.weight[1] = std::numeric_limits<TypeParam>::infinity();
  const std::vector<TypeParam> y = p.computed({});
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_TRUE(std::isinf(y[static_cast<size_t>(s.image.width + 1)]));
  Problem<TypeParam> q{s};
  q.x[1] = std::numeric_limits<TypeParam>::quiet_NaN();
  const std::vector<TypeParam> z = q.computed({});
  EXPECT_TRUE(std::isnan(z[0]) && std::isnan(z[1]));
  EXPECT_FALSE(std::isnan(z[2]));
}

TYPED_TEST(Convolve, keeps_the_value_before_the_activation_and_applies_it_in_the_same_pass) {
  for (const activation::Id id : {activation::Id::relu, activation::Id::gelu, activation::Id::tanh}) {
    const activation::Function f = activation::make(id);
    for (const int64_t outputs : {1, 7, 33}) {
      Convolution s = small();
      s.out_channels = outputs, s.padding = {1, 1};
      const Problem<TypeParam> p{s};
      const std::vector<TypeParam> before = p.expected(true);
      std::vector<TypeParam> after(before.size());
      pointwise<TypeParam>(f, activation::value_itself, before.data(), nullptr, after.data(), static_cast<int64_t>(before.size()));
      on_every_target_and_thread_count([&] {
        std::vector<TypeParam> kept(before.size());
        ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data(), .activation = &f}), after));
        ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data(), .activation = &f, .pre_activation = kept.data()}), after));
        ASSERT_TRUE(same_bits(kept, before));
        kept.assign(kept.size(), 0);
        ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data(), .pre_activation = kept.data()}), before));
        ASSERT_TRUE(same_bits(kept, before));
      });
    }
  }
}

}  // namespace
}  // namespace rectify::kernel
