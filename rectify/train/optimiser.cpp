#include "rectify/train/optimiser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "rectify/activation/elementary.h"
#include "rectify/autograd/operations.h"
#include "rectify/kernel/reduce.h"
#include "rectify/kernel/update.h"

namespace rectify::train {
namespace {

std::string shown(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void require(bool condition, const std::string& function, const char* what, const char* expected, double value) {
  if (!condition) throw ArgumentError("[" + function + "] the " + what + " must be " + expected + ", not " + shown(value) + ".");
}

void require_not_negative(const std::string& function, const char* what, double value) {
  require(std::isfinite(value) && value >= 0, function, what, "a finite number >= 0", value);
}

void require_decay_rate(const std::string& function, const char* what, double value) {
  require(value >= 0 && value < 1, function, what, "a number from 0 to below 1", value);
}

void require_epsilon(const std::string& function, double value) { require(std::isfinite(value) && value > 0, function, "epsilon", "a finite number > 0", value); }

SGDOptions checked(const SGDOptions& options) {
  require_not_negative("sgd", "learning rate", options.learning_rate);
  require_decay_rate("sgd", "momentum", options.momentum);
  require_not_negative("sgd", "weight decay", options.weight_decay);
  require_not_negative("sgd", "clip", options.clip);
  if (options.nesterov && options.momentum == 0) throw ArgumentError("[sgd] nesterov looks ahead along the momentum, which is 0. Give a momentum above 0, such as 0.9.");
  return options;
}

AdamOptions checked(const AdamOptions& options, const std::string& function) {
  require_not_negative(function, "learning rate", options.learning_rate);
  require_decay_rate(function, "beta1", options.beta1);
  require_decay_rate(function, "beta2", options.beta2);
  require_epsilon(function, options.epsilon);
  require_not_negative(function, "weight decay", options.weight_decay);
  require_not_negative(function, "clip", options.clip);
  return options;
}

RMSpropOptions checked(const RMSpropOptions& options) {
  require_not_negative("rmsprop", "learning rate", options.learning_rate);
  require_decay_rate("rmsprop", "alpha", options.alpha);
  require_epsilon("rmsprop", options.epsilon);
  require_decay_rate("rmsprop", "momentum", options.momentum);
  require_not_negative("rmsprop", "weight decay", options.weight_decay);
  require_not_negative("rmsprop", "clip", options.clip);
  return options;
}

double read_learning_rate(ArgumentReader& reader, const Specification& specification, double fallback) {
  const bool in_full = reader.has("learning_rate");
  if (in_full && reader.has("lr")) throw ArgumentError("[" + specification.name + "] lr and learning_rate are one argument, and both are given. Write one of them.");
  return reader.number(in_full ? "learning_rate" : "lr", fallback);
}

AdamOptions read_adam(ArgumentReader& reader, const Specification& specification, AdamOptions options) {
  options.learning_rate = read_learning_rate(reader, specification, options.learning_rate);
  options.beta1 = reader.number("beta1", options.beta1);
  options.beta2 = reader.number("beta2", options.beta2);
  options.epsilon = reader.number("epsilon", options.epsilon);
  options.weight_decay = reader.number("weight_decay", options.weight_decay);
  options.clip = reader.number("clip", options.clip);
  return options;
}

/// The root of the sum of all squares, in float64.
double norm_of(std::span<const Tensor> gradients) {
  double squares = 0;
  for (const Tensor& gradient : gradients) {
    if (!gradient.defined()) continue;
    squares += dispatch_floating(gradient.dtype(), "optimiser", [&]<class T>(T) { return kernel::dot(gradient.data<T>(), gradient.data<T>(), gradient.size()); });
  }
  return std::sqrt(squares);
}

/// Texts and hashes of runs without a limit stay what they were before there was one.
std::string clip_text(double clip) { return clip > 0 ? ", clip=" + shown(clip) : ""; }

}  // namespace

Optimiser::Optimiser(std::vector<Tensor> parameters, double learning_rate, double clip, std::vector<std::string> moment_names)
    : parameters_(std::move(parameters)), moment_names_(std::move(moment_names)), moments_(parameters_.size()), learning_rate_(learning_rate), clip_(clip) {
  for (const Tensor& parameter : parameters_) {
    if (!is_floating(parameter.dtype())) throw_not_floating(parameter.dtype(), "optimiser");
  }
}

void Optimiser::set_learning_rate(double learning_rate) {
  require_not_negative("set_learning_rate", "learning rate", learning_rate);
  learning_rate_ = learning_rate;
}

void Optimiser::step(std::span<const Tensor> gradients) {
  if (gradients.size() != parameters_.size()) {
    throw ShapeError("[step] " + std::to_string(gradients.size()) + " gradients for " + std::to_string(parameters_.size()) +
                     " parameters. Give one for each, undefined where there is none.");
  }
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    if (gradients[i].shape() != parameters_[i].shape()) {
      throw ShapeError("[step] gradient " + std::to_string(i) + " has the shape " + to_string(gradients[i].shape()) + ", its parameter " + to_string(parameters_[i].shape()) +
                       ". Are the gradients those of this optimiser's parameters?");
    }
    if (gradients[i].dtype() != parameters_[i].dtype()) {
      throw DTypeError("[step] gradient " + std::to_string(i) + " is " + std::string(name(gradients[i].dtype())) + ", its parameter " +
                       std::string(name(parameters_[i].dtype())) + ". Convert it.");
    }
  }
  ++steps_;
  const double norm = clip_ > 0 ? norm_of(gradients) : 0;
  const NoGrad scope;
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    if (moments_[i].empty()) {
      for (size_t k = 0; k < moment_names_.size(); ++k) moments_[i].push_back(Tensor::zeros(parameters_[i].shape(), parameters_[i].dtype()));
    }
    update(parameters_[i], norm > clip_ ? gradients[i] * (clip_ / norm) : gradients[i], moments_[i]);
  }
}

std::vector<NamedTensor> Optimiser::state() const {
  std::vector<NamedTensor> state{{"steps", Tensor::from(std::vector<int64_t>{steps_}, Shape{1})}};
  for (size_t i = 0; i < moments_.size(); ++i) {
    for (size_t k = 0; k < moments_[i].size(); ++k) state.push_back({std::to_string(i) + "." + moment_names_[k], moments_[i][k].clone()});
  }
  return state;
}

void Optimiser::load_state(std::span<const NamedTensor> state) {
  // Everything is looked at before anything changes.
  std::vector<std::vector<Tensor>> moments(parameters_.size());
  std::vector<std::string> known{"steps"};
  for (size_t i = 0; i < parameters_.size(); ++i) {
    for (const std::string& moment : moment_names_) known.push_back(std::to_string(i) + "." + moment);
  }
  int64_t steps = -1;
  for (const auto& [key, tensor] : state) {
    const auto found = std::find(known.begin(), known.end(), key);
    if (found == known.end()) {
      throw ArgumentError("[load_state] there is no \"" + key + "\" in the state of " + specification() + " with " + std::to_string(parameters_.size()) +
                          " parameters. Is it the state of another optimiser?");
    }
    if (found == known.begin()) {
      if (tensor.dtype() != DType::int64) throw DTypeError("[load_state] steps is " + std::string(name(tensor.dtype())) + ", not int64.");
      if (tensor.size() != 1) throw ShapeError("[load_state] steps has the shape " + to_string(tensor.shape()) + ", not that of one number.");
      steps = tensor.data<int64_t>()[0];
      continue;
    }
    const size_t index = static_cast<size_t>(found - known.begin()) - 1, i = index / moment_names_.size(), k = index % moment_names_.size();
    if (tensor.shape() != parameters_[i].shape()) {
      throw ShapeError("[load_state] \"" + key + "\" has the shape " + to_string(tensor.shape()) + ", its parameter " + to_string(parameters_[i].shape()) + ".");
    }
    if (tensor.dtype() != parameters_[i].dtype()) {
      throw DTypeError("[load_state] \"" + key + "\" is " + std::string(name(tensor.dtype())) + ", its parameter " + std::string(name(parameters_[i].dtype())) + ".");
    }
    moments[i].resize(moment_names_.size());
    moments[i][k] = tensor.clone();
  }
  if (steps < 0) throw ArgumentError("[load_state] the number of steps is missing or negative. Is the state complete?");
  for (size_t i = 0; i < moments.size(); ++i) {
    for (size_t k = 0; k < moments[i].size(); ++k) {
      if (!moments[i][k].defined()) throw ArgumentError("[load_state] \"" + std::to_string(i) + "." + moment_names_[k] + "\" is missing. Is the state complete?");
    }
  }
  steps_ = steps;
  moments_ = std::move(moments);
}

SGD::SGD(std::vector<Tensor> parameters, const SGDOptions& options)
    : Optimiser(std::move(parameters), checked(options).learning_rate, options.clip, options.momentum > 0 ? std::vector<std::string>{"velocity"} : std::vector<std::string>{}),
      options_(options) {}

void SGD::update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) {
  dispatch_floating(parameter.dtype(), "sgd", [&]<class T>(T) {
    kernel::sgd<T>(parameter.data<T>(), moments.empty() ? nullptr : moments[0].data<T>(), gradient.data<T>(), parameter.size(), static_cast<T>(learning_rate()),
                   static_cast<T>(options_.momentum), static_cast<T>(options_.weight_decay), options_.nesterov);
  });
}

std::string SGD::specification() const {
  return "sgd(lr=" + shown(learning_rate()) + ", momentum=" + shown(options_.momentum) + ", weight_decay=" + shown(options_.weight_decay) +
         ", nesterov=" + (options_.nesterov ? "true" : "false") + clip_text(clip()) + ")";
}

Adam::Adam(std::vector<Tensor> parameters, const AdamOptions& options) : Adam(std::move(parameters), options, false) {}

Adam::Adam(std::vector<Tensor> parameters, const AdamOptions& options, bool decoupled)
    : Optimiser(std::move(parameters), checked(options, decoupled ? "adamw" : "adam").learning_rate, options.clip, {"mean", "square"}), options_(options), decoupled_(decoupled) {}

void Adam::update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) {
  const double step = learning_rate() / (1 - elementary::pow(options_.beta1, steps()));
  const double inverse_root_correction = 1 / std::sqrt(1 - elementary::pow(options_.beta2, steps()));
  const double in_gradient = decoupled_ ? 0 : options_.weight_decay, in_weight = decoupled_ ? learning_rate() * options_.weight_decay : 0;
  dispatch_floating(parameter.dtype(), "adam", [&]<class T>(T) {
    kernel::adam<T>(parameter.data<T>(), moments[0].data<T>(), moments[1].data<T>(), gradient.data<T>(), parameter.size(), static_cast<T>(step),
                    static_cast<T>(options_.beta1), static_cast<T>(options_.beta2), static_cast<T>(options_.epsilon), static_cast<T>(inverse_root_correction),
                    static_cast<T>(in_gradient), static_cast<T>(in_weight));
  });
}

std::string Adam::specification() const {
  return std::string(decoupled_ ? "adamw" : "adam") + "(lr=" + shown(learning_rate()) + ", beta1=" + shown(options_.beta1) + ", beta2=" + shown(options_.beta2) +
         ", epsilon=" + shown(options_.epsilon) + ", weight_decay=" + shown(options_.weight_decay) + clip_text(clip()) + ")";
}

AdamW::AdamW(std::vector<Tensor> parameters, AdamOptions options) : Adam(std::move(parameters), options, true) {}

std::string AdamW::specification() const { return Adam::specification(); }

RMSprop::RMSprop(std::vector<Tensor> parameters, const RMSpropOptions& options)
    : Optimiser(std::move(parameters), checked(options).learning_rate, options.clip,
                options.momentum > 0 ? std::vector<std::string>{"square", "velocity"} : std::vector<std::string>{"square"}),
      options_(options) {}

void RMSprop::update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) {
  dispatch_floating(parameter.dtype(), "rmsprop", [&]<class T>(T) {
    kernel::rmsprop<T>(parameter.data<T>(), moments.size() > 1 ? moments[1].data<T>() : nullptr, moments[0].data<T>(), gradient.data<T>(), parameter.size(),
                       static_cast<T>(learning_rate()), static_cast<T>(options_.alpha), static_cast<T>(options_.epsilon), static_cast<T>(options_.momentum),
                       static_cast<T>(options_.weight_decay));
  });
}

std::string RMSprop::specification() const {
  return "rmsprop(lr=" + shown(learning_rate()) + ", alpha=" + shown(options_.alpha) + ", epsilon=" + shown(options_.epsilon) +
         ", momentum=" + shown(options_.momentum) + ", weight_decay=" + shown(options_.weight_decay) + clip_text(clip()) + ")";
}

std::unique_ptr<Optimiser> make_optimiser(const Specification& specification, std::vector<Tensor> parameters) {
  const std::string& kind = specification.name;
  ArgumentReader reader(specification);
  if (kind == "sgd" || kind == "momentum" || kind == "nesterov") {
    SGDOptions options{.momentum = kind == "sgd" ? 0.0 : 0.9, .nesterov = kind == "nesterov"};
    options.learning_rate = read_learning_rate(reader, specification, options.learning_rate);
    options.momentum = reader.number("momentum", options.momentum);
    options.weight_decay = reader.number("weight_decay", options.weight_decay);
    if (kind == "sgd") options.nesterov = reader.boolean("nesterov", options.nesterov);
    options.clip = reader.number("clip", options.clip);
    reader.finish();
    return std::make_unique<SGD>(std::move(parameters), options);
  }
  if (kind == "adam" || kind == "adamw") {
    const AdamOptions options = read_adam(reader, specification, {.weight_decay = kind == "adamw" ? 0.01 : 0.0});
    reader.finish();
    if (kind == "adam") return std::make_unique<Adam>(std::move(parameters), options);
    return std::make_unique<AdamW>(std::move(parameters), options);
  }
  if (kind == "rmsprop") {
    RMSpropOptions options;
    options.learning_rate = read_learning_rate(reader, specification, options.learning_rate);
    options.alpha = reader.number("alpha", options.alpha);
    options.epsilon = reader.number("epsilon", options.epsilon);
    options.momentum = reader.number("momentum", options.momentum);
    options.weight_decay = reader.number("weight_decay", options.weight_decay);
    options.clip = reader.number("clip", options.clip);
    reader.finish();
    return std::make_unique<RMSprop>(std::move(parameters), options);
  }
  const std::vector<std::string> names{"sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop"};
  throw ArgumentError("[optimiser] there is no optimiser \"" + kind + "\"." + did_you_mean(kind, names) + " Known: sgd, momentum, nesterov, adam, adamw and rmsprop.");
}

}  // namespace rectify::train
