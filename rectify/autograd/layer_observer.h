// Watching layers while they run. A LayerObserver is told of every linear layer, convolution and activation of the passes that are recorded on its thread, of the gradients that come
// back to them, and of where a step ends; which path computes them, and every bit of a result, stay as they are without it. Without one, an operation pays for one test of a
// thread-local pointer.
#pragma once

#include <span>
#include <utility>

#include "rectify/activation/catalogue.h"
#include "rectify/autograd/engine.h"
#include "rectify/tensor/tensor.h"

namespace rectify::autograd {

/// What an operation tells: a layer alone, a layer with the activation that ran in the same pass, or an activation of what a layer gave.
struct ObservedLayer {
  const void* weight;                      ///< Tensor::id() of the layer's weight; null for an activation of something else
  const activation::Function* activation;  ///< null: the output is the layer's own, x Wᵀ + b or the convolution + b
  const Tensor& pre_activation;            ///< what the activation was applied to; undefined where only the output exists, because the slope follows from it
  const Tensor& output;                    ///< units (channels) along the last axis
};

/// What came back to a layer: the gradient, of the value that is differentiated, by the output of an activation of the layer or by the layer's own output. Told before the memory is
/// written over, and the one by the activation's output first. Where pooling or normalisation stands between the two, it has its share in the difference.
struct ObservedGradient {
  const void* weight;                      ///< Tensor::id() of the layer's weight, never null
  const activation::Function* activation;  ///< by whose output; null: by the layer's own, x Wᵀ + b or the convolution + b
  const Tensor& gradient;
  const Tensor& input;                     ///< x or the images, with the gradient by the layer's own output; undefined with the other
};

/// The end of a step: the outermost value_and_grad is done, or the last of the parts that a step was cut into (train/shards.h).
struct ObservedStep {
  const Tensor& value;
  std::span<const Tensor> variables;  ///< what it was differentiated by
  std::span<const Tensor> gradients;  ///< as many; undefined for a variable that is frozen
};

/// Observes from its construction to its destruction, which must be on the same thread. There may be several; each is told everything, the latest first.
///
/// Gradients are told of the outermost backward pass alone: one that is itself differentiated is a part of the function. What a backward pass computes with a layer's weight is no pass
/// through the layer, and what runs under NoGrad is not observed. An activation that is applied apart is told as one of the layer's if its input is the layer's output as it was, or
/// pooled or normalised; a layer that needs no gradient (frozen, fed by data) leaves no trace on its output, and such an activation then has no weight.
class LayerObserver {
 public:
  LayerObserver(const LayerObserver&) = delete;
  LayerObserver& operator=(const LayerObserver&) = delete;

 protected:
  LayerObserver();
  ~LayerObserver();

 private:
  friend void tell_observers(const ObservedLayer& layer);
  friend void tell_observers(const ObservedGradient& gradient);
  friend void tell_observers(const ObservedStep& step);
  // Must not write to the tensors; an exception passes through the operation.
  virtual void observe(const ObservedLayer& layer) = 0;
  virtual void observe_gradient(const ObservedGradient& gradient) { (void)gradient; }
  virtual void observe_step(const ObservedStep& step) { (void)step; }
  LayerObserver* next_;
};

namespace detail {
/// The latest observer of this thread; null while the engine walks back.
inline thread_local LayerObserver* observers = nullptr;
/// The latest that is told of gradients: null but for the outermost walk back.
inline thread_local LayerObserver* gradient_observers = nullptr;
/// Whether differentiations that end are parts of a step.
inline thread_local bool within_step = false;
}  // namespace detail

/// Whether what runs here now is observed.
inline bool observed() { return detail::observers != nullptr && recording(); }

void tell_observers(const ObservedLayer& layer);
void tell_observers(const ObservedGradient& gradient);
void tell_observers(const ObservedStep& step);

/// While it lives nothing is observed.
class ObserversPaused {
 public:
  ObserversPaused() : before_(std::exchange(detail::observers, nullptr)) {}
  ~ObserversPaused() { detail::observers = before_; }
  ObserversPaused(const ObserversPaused&) = delete;
  ObserversPaused& operator=(const ObserversPaused&) = delete;
  LayerObserver* paused() const { return before_; }

 private:
  LayerObserver* before_;
};

/// The engine's, while it walks back: operations are no passes then, and if the walk is the outermost one the gradients that it brings are told.
class WalkObserved {
 public:
  explicit WalkObserved(bool outermost) : before_(std::exchange(detail::gradient_observers, outermost ? paused_.paused() : nullptr)) {}
  ~WalkObserved() { detail::gradient_observers = before_; }
  WalkObserved(const WalkObserved&) = delete;
  WalkObserved& operator=(const WalkObserved&) = delete;

 private:
  ObserversPaused paused_;
  LayerObserver* before_;
};

/// While it lives, each value_and_grad is a part of one step, whose end its maker tells by observe_step() afterwards.
class PartsOfStep {
 public:
  PartsOfStep() : before_(std::exchange(detail::within_step, true)) {}
  ~PartsOfStep() { detail::within_step = before_; }
  PartsOfStep(const PartsOfStep&) = delete;
  PartsOfStep& operator=(const PartsOfStep&) = delete;

 private:
  bool before_;
};

/// Whether somebody is told of the end of a step here: not inside another differentiation, nor inside a part of a step.
inline bool steps_observed() { return detail::observers != nullptr && !detail::within_step && !recording(); }
inline void observe_step(const Tensor& value, std::span<const Tensor> variables, std::span<const Tensor> gradients) {
  if (steps_observed()) tell_observers(ObservedStep{value, variables, gradients});
}

// What operations call; all do nothing unless observed().

/// `output` is x Wᵀ + b, or the convolution + b.
inline void observe_layer(const Tensor& weight, const Tensor& output) {
  if (!observed()) return;
  if (output.node()) output.node()->layer = weight.id();
  tell_observers(ObservedLayer{weight.id(), nullptr, Tensor(), output});
}

/// `output` is f(x Wᵀ + b) in one pass; the pre-activation is undefined if it was not kept.
inline void observe_layer(const Tensor& weight, const activation::Function& f, const Tensor& pre_activation, const Tensor& output) {
  if (observed()) tell_observers(ObservedLayer{weight.id(), &f, pre_activation, output});
}

/// `output` is f(input).
inline void observe_activation(const activation::Function& f, const Tensor& input, const Tensor& output) {
  if (observed()) tell_observers(ObservedLayer{input.node() ? input.node()->layer : nullptr, &f, input, output});
}

/// `output` is `input` pooled or normalised: what comes next acts on the same layer.
inline void observe_passing_on(const Tensor& input, const Tensor& output) {
  if (observed() && input.node() && output.node()) output.node()->layer = input.node()->layer;
}

// What vector-Jacobian products call; all do nothing but in an observed walk back.

/// `gradient` is the one by x Wᵀ + b, or by the convolution of x + b.
inline void observe_gradient(const Tensor& x, const Tensor& weight, const Tensor& gradient) {
  if (detail::gradient_observers != nullptr) tell_observers(ObservedGradient{weight.id(), nullptr, gradient, x});
}

/// `gradient` is the one by f(x Wᵀ + b) that was computed in one pass.
inline void observe_gradient(const Tensor& weight, const activation::Function& f, const Tensor& gradient) {
  if (detail::gradient_observers != nullptr) tell_observers(ObservedGradient{weight.id(), &f, gradient, Tensor()});
}

/// `gradient` is the one by f(input).
inline void observe_activation_gradient(const activation::Function& f, const Tensor& input, const Tensor& gradient) {
  if (detail::gradient_observers != nullptr && input.node() && input.node()->layer) tell_observers(ObservedGradient{input.node()->layer, &f, gradient, Tensor()});
}

}  // namespace rectify::autograd
