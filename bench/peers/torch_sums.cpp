// Matrix products, a convolution's gradient and softmax by ATen's operators.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "bench/peers/torch.h"

namespace bench {
namespace {

at::Tensor over(const float* memory, at::IntArrayRef sizes) { return at::from_blob(const_cast<float*>(memory), sizes, at::kFloat); }

}  // namespace

std::function<void()> torch_product(const ProductTask& task) {
  const c10::InferenceMode inference;
  const at::Tensor a = task.transpose_a ? over(task.a, {task.k, task.m}).t() : over(task.a, {task.m, task.k});
  const at::Tensor b = task.transpose_b ? over(task.b, {task.n, task.k}).t() : over(task.b, {task.k, task.n});
  return [a, b, c = over(task.c, {task.m, task.n})]() mutable {
    const c10::InferenceMode no_autograd;
    at::mm_out(c, a, b);
  };
}

void torch_weight_gradient(const WeightGradientTask& task) {
  const c10::InferenceMode inference;
  const int64_t positions = task.positions();
  const at::Tensor x = over(task.x, {task.batch, task.edge, task.edge, task.channels}).permute({0, 3, 1, 2}).contiguous();
  const at::Tensor g = over(task.g, {task.batch, positions, positions, task.outputs}).permute({0, 3, 1, 2}).contiguous();
  const at::Tensor weight = at::zeros({task.outputs, task.channels, task.window, task.window});
  const auto gradients = at::convolution_backward(g, x, weight, at::OptionalIntArrayRef(), {1, 1}, {0, 0}, {1, 1}, false, {0, 0}, 1, {false, true, false});
  over(task.dw, {task.outputs, task.window, task.window, task.channels}).copy_(std::get<1>(gradients).permute({0, 2, 3, 1}));
}

void torch_rows(const RowsTask& task) {
  const c10::InferenceMode inference;
  const at::Tensor x = over(task.x, {task.rows, task.columns});
  const auto result = [&]() -> at::Tensor {
    switch (task.kind) {
      case RowsTask::Kind::softmax: return at::softmax(x, 1);
      case RowsTask::Kind::log_softmax: return at::log_softmax(x, 1);
      case RowsTask::Kind::layer_norm: return at::layer_norm(x, {task.columns}, {}, {}, RowsTask::epsilon);
      case RowsTask::Kind::batch_norm: return at::batch_norm(x, {}, {}, {}, {}, true, 0.1, RowsTask::epsilon, false);
    }
    return {};
  };
  over(task.y, {task.rows, task.columns}).copy_(result());
}

}  // namespace bench
