// Schemas read from ATen/ops of libtorch 1.13.1. The operators called are those that autograd calls.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "bench/peers/torch.h"

namespace bench {
namespace {

using at::Tensor;

constexpr const char* allocates = "allocates its output: no out= variant that writes directly";
constexpr const char* two_operators = "two operators, since the one for the backward pass starts from the output";

/// Results are written to y. `kept` is what autograd keeps for the backward pass: x, or the output.
struct Operators {
  std::string_view name;
  void (*forward)(const Tensor& x, Tensor& y);
  void (*backward)(const Tensor& g, const Tensor& kept, Tensor& y);
  const char* backward_note = "";
  bool keeps_output = false;
};

constexpr Operators table[] = {
    // at::relu is clamp_min(x, 0) for floating point; its own out= variant allocates and copies.
    {"relu", [](const Tensor& x, Tensor& y) { at::clamp_min_out(y, x, 0); },
     [](const Tensor& g, const Tensor& x, Tensor& y) { at::threshold_backward_out(y, g, x, 0); }},
    {"leaky_relu", [](const Tensor& x, Tensor& y) { at::leaky_relu_out(y, x, 0.01); },
     [](const Tensor& g, const Tensor& x, Tensor& y) { at::leaky_relu_backward_out(y, g, x, 0.01, false); }},
    {"sigmoid", [](const Tensor& x, Tensor& y) { at::sigmoid_out(y, x); },
     [](const Tensor& g, const Tensor& output, Tensor& y) { at::sigmoid_backward_out(y, g, output); }, "", true},
    {"tanh", [](const Tensor& x, Tensor& y) { at::tanh_out(y, x); },
     [](const Tensor& g, const Tensor& output, Tensor& y) { at::tanh_backward_out(y, g, output); }, "", true},
    {"elu", [](const Tensor& x, Tensor& y) { at::elu_out(y, x); },
     [](const Tensor& g, const Tensor& x, Tensor& y) { at::elu_backward_out(y, g, 1, 1, 1, false, x); }},
    {"softplus", [](const Tensor& x, Tensor& y) { at::softplus_out(y, x); },
     [](const Tensor& g, const Tensor& x, Tensor& y) { at::softplus_backward_out(y, g, x, 1, 20); }},
    {"silu", [](const Tensor& x, Tensor& y) { at::silu_out(y, x); }, [](const Tensor& g, const Tensor& x, Tensor& y) { at::silu_backward_out(y, g, x); }},
    {"gelu", [](const Tensor& x, Tensor& y) { at::gelu_out(y, x); }, [](const Tensor& g, const Tensor& x, Tensor& y) { at::gelu_backward_out(y, g, x); }},
    {"gelu_tanh", [](const Tensor& x, Tensor& y) { at::gelu_out(y, x, "tanh"); },
     [](const Tensor& g, const Tensor& x, Tensor& y) { at::gelu_backward_out(y, g, x, "tanh"); }},
    {"mish", [](const Tensor& x, Tensor& y) { at::mish_out(y, x); }, [](const Tensor& g, const Tensor& x, Tensor& y) { y = at::mish_backward(g, x); },
     allocates},
    {"hardswish", [](const Tensor& x, Tensor& y) { at::hardswish_out(y, x); },
     [](const Tensor& g, const Tensor& x, Tensor& y) { y = at::hardswish_backward(g, x); }, allocates},
    {"exp", [](const Tensor& x, Tensor& y) { at::exp_out(y, x); }, [](const Tensor& g, const Tensor& output, Tensor& y) { at::mul_out(y, g, output); }, "",
     true},
};

}  // namespace

KernelPass torch_kernel(const KernelTask& task) {
  for (const Operators& operators : table) {
    if (operators.name != task.activation) continue;
    const c10::InferenceMode inference;
    const auto over = [&](const float* memory) { return at::from_blob(const_cast<float*>(memory), {task.n}, at::kFloat); };
    const Tensor x = over(task.x);
    Tensor y = over(task.y);
    if (task.g == nullptr) {
      return {.run = [x, y, forward = operators.forward]() mutable {
        const c10::InferenceMode no_autograd;
        forward(x, y);
        return static_cast<const float*>(y.data_ptr<float>());
      }};
    }
    if (operators.keeps_output && task.output == nullptr) {
      return {.run =
                  [x, g = over(task.g), y, forward = operators.forward, backward = operators.backward]() mutable {
                    const c10::InferenceMode no_autograd;
                    forward(x, y);
                    backward(g, y, y);
                    return static_cast<const float*>(y.data_ptr<float>());
                  },
              .note = two_operators};
    }
    const Tensor kept = operators.keeps_output ? over(task.output) : x;
    return {.run =
                [g = over(task.g), kept, y, backward = operators.backward]() mutable {
                  const c10::InferenceMode no_autograd;
                  backward(g, kept, y);
                  return static_cast<const float*>(y.data_ptr<float>());
                },
            .note = operators.backward_note};
  }
  return {};
}

}  // namespace bench
