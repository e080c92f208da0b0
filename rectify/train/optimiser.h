// Optimisers: SGD (momentum, Nesterov), Adam, AdamW, RMSprop. Each streams gradient, weight and moments once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/specification.h"
#include "rectify/nn/module.h"

namespace rectify::train {

/// Changes parameters along gradients.
class Optimiser {
 public:
  virtual ~Optimiser() = default;
  /// One step. gradients[i] belongs to parameters[i]; an undefined one (frozen) changes nothing. With `clip`, all are first multiplied by clip / norm if their norm, the root of the sum of
  /// all their squares (Pascanu, Mikolov and Bengio 2013), is above it; the sum is ordered as in kernel/reduce.h, parameter by parameter. Throws ShapeError if they do not fit.
  void step(std::span<const Tensor> gradients);
  double learning_rate() const { return learning_rate_; }
  /// Throws ArgumentError unless it is a finite number >= 0.
  void set_learning_rate(double learning_rate);
  int64_t steps() const { return steps_; }
  /// Moments and the number of steps, to go on later: named "<parameter number>.<moment>".
  std::vector<NamedTensor> state() const;
  void load_state(std::span<const NamedTensor> state);
  /// The largest norm of all gradients together that is not scaled down; 0 if they are taken as they are.
  double clip() const { return clip_; }
  /// `sgd(lr=0.01, momentum=0.9, ...)` with all defaults filled in; `clip` only if there is one.
  virtual std::string specification() const = 0;

 protected:
  Optimiser(std::vector<Tensor> parameters, double learning_rate, double clip, std::vector<std::string> moment_names);
  /// Updates one parameter in place; moments[k] is that parameter's moment number k, zeros at first.
  virtual void update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) = 0;

 private:
  std::vector<Tensor> parameters_;
  std::vector<std::string> moment_names_;
  std::vector<std::vector<Tensor>> moments_;
  double learning_rate_, clip_;
  int64_t steps_ = 0;
};

struct SGDOptions {
  double learning_rate = 0.01, momentum = 0, weight_decay = 0;
  bool nesterov = false;
  double clip = 0;  ///< see Optimiser::step; 0: none
};
class SGD : public Optimiser {
 public:
  explicit SGD(std::vector<Tensor> parameters, const SGDOptions& options = {});
  std::string specification() const override;

 protected:
  void update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) override;
  SGDOptions options_;
};

struct AdamOptions {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0, clip = 0;
};
/// Kingma and Ba 2014. Weight decay is added to the gradient.
class Adam : public Optimiser {
 public:
  explicit Adam(std::vector<Tensor> parameters, const AdamOptions& options = {});
  std::string specification() const override;

 protected:
  Adam(std::vector<Tensor> parameters, const AdamOptions& options, bool decoupled);
  void update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) override;
  AdamOptions options_;
  bool decoupled_ = false;
};

/// Loshchilov and Hutter 2017: weight decay (default 0.01) is applied to the weight, not through the moments.
class AdamW : public Adam {
 public:
  explicit AdamW(std::vector<Tensor> parameters, AdamOptions options = {.weight_decay = 0.01});
  std::string specification() const override;
};

struct RMSpropOptions {
  double learning_rate = 0.01, alpha = 0.99, epsilon = 1e-8, momentum = 0, weight_decay = 0, clip = 0;
};
/// Tieleman and Hinton 2012.
class RMSprop : public Optimiser {
 public:
  explicit RMSprop(std::vector<Tensor> parameters, const RMSpropOptions& options = {});
  std::string specification() const override;

 protected:
  void update(Tensor& parameter, const Tensor& gradient, std::span<Tensor> moments) override;
  RMSpropOptions options_;
};

/// Makes an optimiser from `sgd(lr=0.01, momentum=0.9)`, `momentum(lr)` (= sgd with 0.9), `nesterov(lr)`, `adam`, `adamw`, `rmsprop`. `lr` and `learning_rate` are one name. Each
/// takes `clip=1`, the largest norm of the gradients.
/// Throws ArgumentError for unknown names or values out of range (a negative learning rate).
std::unique_ptr<Optimiser> make_optimiser(const Specification& specification, std::vector<Tensor> parameters);

}  // namespace rectify::train
