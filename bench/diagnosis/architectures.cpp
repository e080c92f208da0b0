// The networks that learn, each with its task.
#include "bench/diagnosis/case.h"
#include "rectify/base/error.h"

namespace bench::diagnosis {

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> all = [] {
    std::vector<Architecture> list{
        {"tanh_2", Set::moons, "linear(24), tanh, linear(24), tanh, linear(2)", "sgd(lr=0.1, momentum=0.9)"},
        {"tanh_5", Set::table, "linear(24), tanh, linear(24), tanh, linear(24), tanh, linear(24), tanh, linear(24), tanh, linear(4)", "adam(lr=0.003)"},
        {"relu_3", Set::spirals, "linear(32), relu, linear(32), relu, linear(32), relu, linear(2)", "adam(lr=0.01)"},
        {"relu_wide", Set::circles, "linear(128), relu, linear(2)", "sgd(lr=0.1, momentum=0.9)"},
        {"sigmoid_1", Set::xor_problem, "linear(24), sigmoid, linear(2)", "adam(lr=0.03)"},
        {"sigmoid_2", Set::circles, "linear(24), sigmoid, linear(24), sigmoid, linear(2)", "adam(lr=0.03)"},
        {"leaky_4", Set::five_blobs,
         "linear(24), leaky_relu(0.1), linear(24), leaky_relu(0.1), linear(24), leaky_relu(0.1), linear(24), leaky_relu(0.1), linear(5)", "sgd(lr=0.03, momentum=0.9)"},
        {"selu_6", Set::three_spirals, "linear(24), selu, linear(24), selu, linear(24), selu, linear(24), selu, linear(24), selu, linear(24), selu, linear(3)", "adam(lr=0.003)"},
        {"curve_relu", Set::curve, "linear(48), relu, linear(48), relu, linear(1)", "adam(lr=0.01)", "mse"},
        {"curve_gelu", Set::other_curve, "linear(32), gelu, linear(32), gelu, linear(32), gelu, linear(1)", "adam(lr=0.01)", "mse"},
        {"images_relu", Set::images, "conv(6, kernel=3), relu, max_pool(2), linear(24), relu, linear(4)", "adam(lr=0.005)", "cross_entropy", 30},
        {"images_gelu", Set::other_images, "conv(6, kernel=3), gelu, max_pool(2), linear(24), gelu, linear(24), gelu, linear(4)", "sgd(lr=0.05, momentum=0.9)", "cross_entropy", 30},
        // More to tune rules on, so that these do not follow the luck of a few networks.
        {"tanh_4", Set::other_table, "linear(32), tanh, linear(32), tanh, linear(32), tanh, linear(32), tanh, linear(4)", "adam(lr=0.003)"},
        {"relu_shallow", Set::moons, "linear(96), relu, linear(2)", "sgd(lr=0.1, momentum=0.9)"},
        {"sigmoid_3", Set::moons, "linear(20), sigmoid, linear(20), sigmoid, linear(20), sigmoid, linear(2)", "adam(lr=0.03)"},
        {"selu_4", Set::spirals, "linear(32), selu, linear(32), selu, linear(32), selu, linear(32), selu, linear(2)", "adam(lr=0.003)"},
        {"curve_silu", Set::curve, "linear(40), silu, linear(40), silu, linear(1)", "adam(lr=0.01)", "mse"},
        {"images_silu", Set::images, "conv(8, kernel=3), silu, max_pool(2), linear(32), silu, linear(32), silu, linear(4)", "sgd(lr=0.05, momentum=0.9)", "cross_entropy", 30},
    };
    constexpr size_t paired = 12;
    for (size_t place = 0; place < paired; ++place) list[place].for_reporting = place % 2 == 1;
    return list;
  }();
  return all;
}

const Architecture& architecture(const std::string& name) {
  for (const Architecture& candidate : architectures()) {
    if (candidate.name == name) return candidate;
  }
  throw rectify::ArgumentError("[architecture] there is no architecture \"" + name + "\". See architectures.cpp.");
}

}  // namespace bench::diagnosis
