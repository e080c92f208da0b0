// Module: a struct with forward() and visit(). Copies share their tensors, as tensors themselves do; clone() copies data.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/autograd/engine.h"
#include "rectify/tensor/named_tensor.h"

namespace rectify::nn {

class Module;

/// Walks through a module: visit() shows it each parameter, buffer and inner module by name, in a fixed order that is part of the module's meaning
/// (it numbers the random streams and the weights in a file).
class Visitor {
 public:
  virtual ~Visitor() = default;
  void operator()(const char* name, Tensor& parameter) { parameter_(name, parameter); }
  void operator()(const char* name, Module& module) { module_(name, module); }
  /// A tensor that belongs to the module's state but is not learned.
  void buffer(const char* name, Tensor& buffer) { buffer_(name, buffer); }

 protected:
  virtual void parameter_(const char* name, Tensor& parameter) = 0;
  virtual void buffer_(const char* name, Tensor& buffer) = 0;
  virtual void module_(const char* name, Module& module) = 0;
};

class Module {
 public:
  virtual ~Module() = default;

  virtual Tensor forward(const Tensor& x) = 0;
  Tensor operator()(const Tensor& x) { return forward(x); }

  /// Shows the visitor what the module holds; a module without tensors need not override it.
  virtual void visit(Visitor&) {}

  /// The module as it is written in a network specification, with all defaults filled in; "" for modules that have no such form.
  virtual std::string specification() const { return ""; }

  /// Parameters in the order of visiting: handles that share storage with the module's.
  std::vector<Tensor> parameters();
  std::vector<NamedTensor> named_parameters();
  /// Parameters and buffers in the order of visiting: what a file of weights holds.
  std::vector<NamedTensor> state();
  /// Copies values into the module's tensors by name. Throws ArgumentError for a name that is missing or unknown, ShapeError or DTypeError for one that does not fit.
  void load_state(std::span<const NamedTensor> state);
  /// Number of learned numbers.
  int64_t parameter_count();

  /// Training mode (the initial one) or evaluation mode, for this module and those inside it. Dropout differs between them.
  void train(bool training = true);
  void evaluate() { train(false); }
  bool training() const { return training_; }

  /// Frozen parameters get no gradient and are not changed by an optimiser.
  void freeze(bool frozen = true);

  /// Replaces every tensor by a copy with its own storage. Use rectify::nn::clone.
  virtual void unshare();

 private:
  bool training_ = true;
};

/// A copy of a module with tensors of its own. M must be copyable.
template <class M>
M clone(const M& module) {
  M copy = module;
  copy.unshare();
  return copy;
}

}  // namespace rectify::nn

namespace rectify {

/// The value of function() and its gradient by the model's parameters, in their order. See value_and_grad in autograd/engine.h.
template <class Function>
ValueAndGradients value_and_grad(nn::Module& model, Function&& function) {
  return value_and_grad(std::function<Tensor()>(std::ref(function)), std::span<const Tensor>(model.parameters()));
}

}  // namespace rectify
