#include "rectify/nn/activations.h"

namespace rectify::nn {

Activation::Activation(const activation::Function& function, DType dtype) : function_(function) {
  const activation::Spec& spec = activation::spec(function);
  for (int i = 0; i < spec.parameter_count(); ++i) {
    if (spec.parameters[i].learned) {
      const auto index = static_cast<size_t>(i);
      parameters_[index] = Tensor::full(Shape{1}, function.parameters[index], dtype).set_requires_grad(true);
    }
  }
}

bool Activation::learned() const {
  for (const Tensor& parameter : parameters_) {
    if (parameter.defined()) return true;
  }
  return false;
}

Tensor Activation::forward(const Tensor& x) { return learned() ? activate(function_, x, std::span<const Tensor>(parameters_).first(static_cast<size_t>(activation::spec(function_).parameter_count()))) : activate(function_, x); }

void Activation::visit(Visitor& visitor) {
  const activation::Spec& spec = activation::spec(function_);
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const auto index = static_cast<size_t>(i);
    if (parameters_[index].defined()) visitor(std::string(spec.parameters[i].name).c_str(), parameters_[index]);
  }
}

activation::Function Activation::function() const {
  activation::Function result = function_;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].defined()) result.parameters[i] = parameters_[i].item();
  }
  return result;
}

std::string Activation::specification() const { return activation::to_string(function_); }

void Activation::reset() {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].defined()) parameters_[i].copy_from(Tensor::full(Shape{1}, function_.parameters[i], parameters_[i].dtype()));
  }
}

}  // namespace rectify::nn
