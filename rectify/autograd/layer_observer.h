// Watching layers while they run. A LayerObserver is told of every linear layer, convolution and activation of the passes that are recorded on its thread; which path
// computes them, and every bit of a result, stay as they are without it. Without one, an operation pays for one test of a thread-local pointer.
#pragma once

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

/// Observes from its construction to its destruction, which must be on the same thread. There may be several; each is told everything, the latest first.
///
/// The backward pass is not observed, nor is what runs under NoGrad. An activation that is applied apart is told as one of the layer's if its input is the layer's output as it was, or
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
  /// Must not write to the tensors; an exception passes through the operation.
  virtual void observe(const ObservedLayer& layer) = 0;
  LayerObserver* next_;
};

namespace detail {
/// The latest observer of this thread.
inline thread_local LayerObserver* observers = nullptr;
}  // namespace detail

/// Whether what runs here now is observed.
inline bool observed() { return detail::observers != nullptr && recording(); }

void tell_observers(const ObservedLayer& layer);

/// While it lives nothing is observed: the engine's, for its way back.
class ObserversPaused {
 public:
  ObserversPaused() : before_(std::exchange(detail::observers, nullptr)) {}
  ~ObserversPaused() { detail::observers = before_; }
  ObserversPaused(const ObserversPaused&) = delete;
  ObserversPaused& operator=(const ObserversPaused&) = delete;

 private:
  LayerObserver* before_;
};

// What operations call; all do nothing unless observed().

/// `output` is x Wᵀ + b, or the convolution + b.
inline void observe_layer(const Tensor& weight, const Tensor& output) {
  if (!observed()) return;
  if (output.node()) output.node()->layer = weight.id();
  tell_observers({weight.id(), nullptr, Tensor(), output});
}

/// `output` is f(x Wᵀ + b) in one pass; the pre-activation is undefined if it was not kept.
inline void observe_layer(const Tensor& weight, const activation::Function& f, const Tensor& pre_activation, const Tensor& output) {
  if (observed()) tell_observers({weight.id(), &f, pre_activation, output});
}

/// `output` is f(input).
inline void observe_activation(const activation::Function& f, const Tensor& input, const Tensor& output) {
  if (observed()) tell_observers({input.node() ? input.node()->layer : nullptr, &f, input, output});
}

/// `output` is `input` pooled or normalised: what comes next acts on the same layer.
inline void observe_passing_on(const Tensor& input, const Tensor& output) {
  if (observed() && input.node() && output.node()) output.node()->layer = input.node()->layer;
}

}  // namespace rectify::autograd
