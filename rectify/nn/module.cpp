#include "rectify/nn/module.h"

#include <algorithm>
#include <functional>

#include "rectify/base/error.h"
#include "rectify/base/specification.h"

namespace rectify::nn {
namespace {

enum class Kind { parameter, buffer };

/// Calls a function for every tensor, with its path, depth first in the order of visiting.
class Walk : public Visitor {
 public:
  using Function = std::function<void(Kind kind, const std::string& path, Tensor& tensor)>;
  explicit Walk(Function function) : function_(std::move(function)) {}

 protected:
  void parameter_(const char* name, Tensor& parameter) override {
    if (parameter.defined()) function_(Kind::parameter, path_ + name, parameter);
  }
  void buffer_(const char* name, Tensor& buffer) override {
    if (buffer.defined()) function_(Kind::buffer, path_ + name, buffer);
  }
  void module_(const char* name, Module& module) override {
    const size_t length = path_.size();
    path_ += std::string(name) + ".";
    module.visit(*this);
    path_.resize(length);
  }

 private:
  Function function_;
  std::string path_;
};

void walk(Module& module, Walk::Function function) {
  Walk visitor(std::move(function));
  module.visit(visitor);
}

/// Collects the parameters, without their paths: this runs at every step of a training loop.
class Parameters : public Visitor {
 public:
  explicit Parameters(std::vector<Tensor>& found) : found_(found) {}

 protected:
  void parameter_(const char*, Tensor& parameter) override {
    if (parameter.defined()) found_.push_back(parameter);
  }
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, Module& module) override { module.visit(*this); }

 private:
  std::vector<Tensor>& found_;
};

/// Calls a function for every module directly inside.
class Children : public Visitor {
 public:
  explicit Children(std::function<void(Module&)> function) : function_(std::move(function)) {}

 protected:
  void parameter_(const char*, Tensor&) override {}
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, Module& module) override { function_(module); }

 private:
  std::function<void(Module&)> function_;
};

/// Gives the module's own tensors storage of their own and asks the inner modules to do the same.
class Unshare : public Visitor {
 protected:
  static void copy(Tensor& tensor) {
    if (!tensor.defined()) return;
    const bool wanted = tensor.requires_grad();
    tensor = tensor.clone();
    if (wanted) tensor.set_requires_grad(true);
  }
  void parameter_(const char*, Tensor& parameter) override { copy(parameter); }
  void buffer_(const char*, Tensor& buffer) override { copy(buffer); }
  void module_(const char*, Module& module) override { module.unshare(); }
};

}  // namespace

std::vector<Tensor> Module::parameters() {
  std::vector<Tensor> result;
  result.reserve(16);  // most networks have few; growing would cost more than the visit
  Parameters visitor(result);
  visit(visitor);
  return result;
}

std::vector<NamedTensor> Module::named_parameters() {
  std::vector<NamedTensor> result;
  walk(*this, [&](Kind kind, const std::string& path, Tensor& tensor) {
    if (kind == Kind::parameter) result.push_back({path, tensor});
  });
  return result;
}

std::vector<NamedTensor> Module::state() {
  std::vector<NamedTensor> result;
  walk(*this, [&](Kind, const std::string& path, Tensor& tensor) { result.push_back({path, tensor}); });
  return result;
}

void Module::load_state(std::span<const NamedTensor> state) {
  const std::vector<NamedTensor> own = this->state();
  std::vector<std::string> names;
  for (const auto& [name, tensor] : own) names.push_back(name);
  // Everything is checked before anything is changed.
  for (const auto& [name, tensor] : state) {
    const auto mine = std::ranges::find(own, name, &NamedTensor::name);
    if (mine == own.end()) throw ArgumentError("[load_state] the module has no tensor '" + name + "'." + did_you_mean(name, names));
    if (mine->tensor.shape() != tensor.shape()) {
      throw ShapeError("[load_state] '" + name + "' has the shape " + to_string(tensor.shape()) + ", the module's " + to_string(mine->tensor.shape()) + ".");
    }
    if (mine->tensor.dtype() != tensor.dtype()) {
      throw DTypeError("[load_state] '" + name + "' is " + std::string(rectify::name(tensor.dtype())) + ", the module's " +
                       std::string(rectify::name(mine->tensor.dtype())) + ".");
    }
  }
  for (const std::string& name : names) {
    if (std::ranges::find(state, name, &NamedTensor::name) == state.end()) throw ArgumentError("[load_state] the tensor '" + name + "' is missing.");
  }
  for (auto [name, tensor] : own) tensor.copy_from(std::ranges::find(state, name, &NamedTensor::name)->tensor);
}

int64_t Module::parameter_count() {
  int64_t count = 0;
  for (const Tensor& parameter : parameters()) count += parameter.size();
  return count;
}

void Module::train(bool training) {
  training_ = training;
  Children children([training](Module& module) { module.train(training); });
  visit(children);
}

void Module::freeze(bool frozen) {
  for (Tensor& parameter : parameters()) parameter.set_requires_grad(!frozen);
}

void Module::unshare() {
  Unshare visitor;
  visit(visitor);
}

}  // namespace rectify::nn
