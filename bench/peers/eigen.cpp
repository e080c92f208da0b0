// Compiled with -march=native, alone: no other unit sees these flags or these headers.
#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include <memory>
#include <numbers>

#include "bench/peers/eigen.h"

namespace bench {
namespace {

using Input = Eigen::Map<const Eigen::ArrayXf>;
using Output = Eigen::Map<Eigen::ArrayXf>;
using Scratch = Eigen::ArrayXf;

/// The natural expression of each. What is needed more than once goes to `s`, preallocated as the output is.
struct Expressions {
  std::string_view name;
  void (*forward)(const Input& x, Output& y);
  void (*backward)(const Input& x, const Input& g, Scratch& s, Output& y);
};

constexpr float inverse_sqrt_2 = 1 / std::numbers::sqrt2_v<float>;
constexpr float inverse_sqrt_2_pi = inverse_sqrt_2 * std::numbers::inv_sqrtpi_v<float>;
constexpr float sqrt_2_over_pi = 2 * inverse_sqrt_2_pi;
constexpr float cubic = 0.044715f;

const Expressions table[] = {
    {"relu", [](const Input& x, Output& y) { y = x.max(0.0f); }, [](const Input& x, const Input& g, Scratch&, Output& y) { y = (x > 0.0f).select(g, 0.0f); }},
    {"leaky_relu", [](const Input& x, Output& y) { y = (x > 0.0f).select(x, 0.01f * x); },
     [](const Input& x, const Input& g, Scratch&, Output& y) { y = (x > 0.0f).select(g, 0.01f * g); }},
    {"sigmoid", [](const Input& x, Output& y) { y = x.logistic(); },
     [](const Input& x, const Input& g, Scratch& s, Output& y) {
       s = x.logistic();
       y = g * s * (1.0f - s);
     }},
    {"tanh", [](const Input& x, Output& y) { y = x.tanh(); }, [](const Input& x, const Input& g, Scratch&, Output& y) { y = g * (1.0f - x.tanh().square()); }},
    {"elu", [](const Input& x, Output& y) { y = (x > 0.0f).select(x, x.expm1()); },
     [](const Input& x, const Input& g, Scratch&, Output& y) { y = (x > 0.0f).select(g, g * x.exp()); }},
    {"softplus", [](const Input& x, Output& y) { y = x.max(0.0f) + (-x.abs()).exp().log1p(); },
     [](const Input& x, const Input& g, Scratch&, Output& y) { y = g * x.logistic(); }},
    {"silu", [](const Input& x, Output& y) { y = x * x.logistic(); },
     [](const Input& x, const Input& g, Scratch& s, Output& y) {
       s = x.logistic();
       y = g * s * (1.0f + x * (1.0f - s));
     }},
    {"gelu", [](const Input& x, Output& y) { y = 0.5f * x * (1.0f + (inverse_sqrt_2 * x).erf()); },
     [](const Input& x, const Input& g, Scratch&, Output& y) {
       y = g * (0.5f * (1.0f + (inverse_sqrt_2 * x).erf()) + x * inverse_sqrt_2_pi * (-0.5f * x.square()).exp());
     }},
    {"gelu_tanh", [](const Input& x, Output& y) { y = 0.5f * x * (1.0f + (sqrt_2_over_pi * x * (1.0f + cubic * x.square())).tanh()); },
     [](const Input& x, const Input& g, Scratch& s, Output& y) {
       s = (sqrt_2_over_pi * x * (1.0f + cubic * x.square())).tanh();
       y = g * 0.5f * (1.0f + s + x * (1.0f - s.square()) * sqrt_2_over_pi * (1.0f + 3.0f * cubic * x.square()));
     }},
    {"mish", [](const Input& x, Output& y) { y = x * (x.max(0.0f) + (-x.abs()).exp().log1p()).tanh(); },
     [](const Input& x, const Input& g, Scratch& s, Output& y) {
       s = (x.max(0.0f) + (-x.abs()).exp().log1p()).tanh();
       y = g * (s + x * (1.0f - s.square()) * x.logistic());
     }},
    {"hardswish", [](const Input& x, Output& y) { y = x * (x + 3.0f).max(0.0f).min(6.0f) / 6.0f; },
     [](const Input& x, const Input& g, Scratch&, Output& y) { y = (x.abs() < 3.0f).select(g * (2.0f * x + 3.0f) / 6.0f, (x > 0.0f).select(g, 0.0f)); }},
    {"exp", [](const Input& x, Output& y) { y = x.exp(); }, [](const Input& x, const Input& g, Scratch&, Output& y) { y = g * x.exp(); }},
};

KernelPass prepare_kernel(const KernelTask& task) {
  for (const Expressions& expressions : table) {
    if (expressions.name != task.activation) continue;
    if (task.g == nullptr) {
      return {.run = [task, forward = expressions.forward]() -> const float* {
        Output y(task.y, task.n);
        forward(Input(task.x, task.n), y);
        return task.y;
      }};
    }
    const auto scratch = std::make_shared<Scratch>(task.n);
    return {.run = [task, scratch, backward = expressions.backward]() -> const float* {
      Output y(task.y, task.n);
      backward(Input(task.x, task.n), Input(task.g, task.n), *scratch, y);
      return task.y;
    }};
  }
  return {};
}

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::function<void()> prepare_product(const ProductTask& task) {
  return [t = task] {
    const Eigen::Map<const Matrix> a(t.a, t.transpose_a ? t.k : t.m, t.transpose_a ? t.m : t.k);
    const Eigen::Map<const Matrix> b(t.b, t.transpose_b ? t.n : t.k, t.transpose_b ? t.k : t.n);
    Eigen::Map<Matrix> c(t.c, t.m, t.n);
    if (t.transpose_a) {
      c.noalias() = a.transpose() * b;
    } else if (t.transpose_b) {
      c.noalias() = a * b.transpose();
    } else {
      c.noalias() = a * b;
    }
  };
}

Settings settings() {
  return {{"version", std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION)},
          {"instruction_set", Eigen::SimdInstructionSetsInUse()},
          {"compiled_with", "-O3 -march=native"}};
}

}  // namespace

Library eigen_library() {
  return {.name = "Eigen", .settings = settings, .set_threads = Eigen::setNbThreads, .threads_spin = true, .kernel = prepare_kernel, .product = prepare_product};
}

}  // namespace bench
