#include "rectify/nn/normalisations.h"

#include "rectify/base/error.h"
#include "rectify/base/specification.h"

namespace rectify::nn {
namespace {

const char* truth(bool value) { return value ? "true" : "false"; }

/// running = (1 - momentum) running + momentum factor batch.
void move_towards(Tensor& running, const Tensor& batch, double momentum, double factor) {
  const double* const seen = batch.data<double>();
  dispatch_floating(running.dtype(), "BatchNorm", [&](auto zero) {
    using T = decltype(zero);
    T* const values = running.data<T>();
    for (int64_t i = 0; i < running.size(); ++i) values[i] = static_cast<T>((1.0 - momentum) * static_cast<double>(values[i]) + momentum * (factor * seen[i]));
  });
}

void fill_with(Tensor& tensor, double value) {
  if (tensor.defined()) tensor.copy_from(Tensor::full(tensor.shape(), value, tensor.dtype()));
}

}  // namespace

Normalisation::Normalisation(const char* name, int64_t features, double chosen_epsilon, bool affine, DType dtype) : epsilon(chosen_epsilon) {
  if (features < 1) throw ArgumentError(std::string("[") + name + "] the number of features must be at least 1, not " + std::to_string(features) + ".");
  if (!(epsilon >= 0)) throw ArgumentError(std::string("[") + name + "] epsilon is " + number(epsilon).text + "; it must be at least 0.");
  if (!affine) return;
  weight = Tensor::full(Shape{features}, 1.0, dtype).set_requires_grad(true);
  bias = Tensor::zeros(Shape{features}, dtype).set_requires_grad(true);
}

void Normalisation::visit(Visitor& visitor) {
  visitor("weight", weight);
  visitor("bias", bias);
}

void Normalisation::reset() {
  fill_with(weight, 1);
  fill_with(bias, 0);
}

BatchNorm::BatchNorm(int64_t features, const BatchNormOptions& options, DType dtype)
    : Normalisation("BatchNorm", features, options.epsilon, options.affine, dtype),
      running_mean(Tensor::zeros(Shape{features}, dtype)),
      running_var(Tensor::full(Shape{features}, 1.0, dtype)),
      momentum(options.momentum) {
  if (!(momentum >= 0 && momentum <= 1)) throw ArgumentError("[BatchNorm] the momentum is " + number(momentum).text + "; it must be from 0 to 1.");
}

Tensor BatchNorm::forward(const Tensor& x) {
  if (!training()) return batch_norm(x, {running_mean, running_var}, weight, bias, epsilon);
  BatchStatistics batch;
  Tensor result = batch_norm(x, weight, bias, epsilon, &batch);
  const auto count = static_cast<double>(x.size() / running_mean.size());
  move_towards(running_mean, batch.mean, momentum, 1.0);
  move_towards(running_var, batch.variance, momentum, count / (count - 1.0));
  return result;
}

void BatchNorm::visit(Visitor& visitor) {
  Normalisation::visit(visitor);
  visitor.buffer("running_mean", running_mean);
  visitor.buffer("running_var", running_var);
}

void BatchNorm::reset() {
  Normalisation::reset();
  fill_with(running_mean, 0);
  fill_with(running_var, 1);
}

std::string BatchNorm::specification() const {
  return "batch_norm(momentum=" + number(momentum).text + ", epsilon=" + number(epsilon).text + ", affine=" + truth(weight.defined()) + ")";
}

LayerNorm::LayerNorm(int64_t features, const LayerNormOptions& options, DType dtype) : Normalisation("LayerNorm", features, options.epsilon, options.affine, dtype) {}

std::string LayerNorm::specification() const { return "layer_norm(epsilon=" + number(epsilon).text + ", affine=" + truth(weight.defined()) + ")"; }

}  // namespace rectify::nn
