// Reverse-mode differentiation. While a thread records, every primitive whose input wants a gradient leaves a Node on its result; value_and_grad walks the
// nodes back. A vector-Jacobian product is written in the public functions, so a recorded backward pass gives higher derivatives.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/base/recycling.h"
#include "rectify/tensor/tensor.h"

namespace rectify {

namespace autograd {

/// What a recorded result remembers: where it came from, and how a gradient goes back there.
struct Node {
  Node(const char* function, std::initializer_list<const Tensor*> from);
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Given the gradient of the result, sets gradients[i] for each inputs[i] that requires one.
  virtual void backward(const Tensor& gradient, std::span<Tensor> gradients) const = 0;

  const char* name;
  uint64_t sequence;           ///< order of recording on this thread: a node comes after all it depends on
  std::vector<Tensor, Recycling<Tensor>> inputs;
  const void* layer = nullptr; ///< while observed: weight of the layer whose output this is, see layer_observer.h
  Tensor gradient;             ///< what has arrived so far while the engine walks
  bool queued = false;
};

/// Whether primitives on this thread are recorded, and how many differentiations enclose this point (2 or more: the backward pass is recorded itself).
bool recording();
int recording_depth();
/// Whether this thread walks back through nodes that are walked only once.
bool releasing();

/// The gradient by z of sum(gradient * f(z)), given what is kept of the forward pass, for a vector-Jacobian product that needs neither any more: `gradient` is written
/// over if nothing else refers to it, and `kept` let go if no other walk can come by.
Tensor consume_gradient(const activation::Function& f, Tensor& kept, const Tensor& gradient);

template <class Backward>
struct NodeOf final : Node {
  NodeOf(const char* function, std::initializer_list<const Tensor*> from, Backward back) : Node(function, from), backward_(std::move(back)) {}
  void backward(const Tensor& output_gradient, std::span<Tensor> gradients) const override { backward_(output_gradient, std::span<const Tensor>(inputs), gradients); }
  mutable Backward backward_;  ///< may let go what it captured, see consume_gradient
};

/// Returns `output`, recorded as computed from `inputs` if this thread records and one of them requires a gradient.
/// `backward(gradient, inputs, gradients)` is the vector-Jacobian product; what it captures must not have history (use detach()).
template <class Backward>
Tensor record(const char* function, Tensor output, std::initializer_list<const Tensor*> inputs, Backward backward) {
  if (!recording()) return output;
  for (const Tensor* input : inputs) {
    if (input->requires_grad()) {
      output.set_node(std::allocate_shared<NodeOf<Backward>>(Recycling<NodeOf<Backward>>{}, function, inputs, std::move(backward)));
      break;
    }
  }
  return output;
}

}  // namespace autograd

/// While it lives, nothing is recorded on this thread.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

struct ValueAndGradients {
  Tensor value;
  std::vector<Tensor> gradients;  ///< one per variable, in their order
};

/// Calls function() and returns its value, which must be one number, and its gradient by each variable.
///
/// What was computed before the call counts as constant, but for the variables. A variable the value does not depend on has a gradient of zeros; one that requires no gradient (frozen) has an undefined one. Calls may be nested, to any
/// order that the primitives support: inside another differentiation the result is itself differentiable. An exception thrown by function() passes through
/// and leaves nothing recorded. Recording is per thread: several threads may differentiate at once, also by shared variables.
/// Throws ShapeError if the value is not one number, ArgumentError inside a NoGrad scope.
ValueAndGradients value_and_grad(const std::function<Tensor()>& function, std::span<const Tensor> variables);

/// The gradient of function(x), one number, by x: same shape as x. May be nested.
Tensor grad(const std::function<Tensor(const Tensor&)>& function, const Tensor& x);

/// The gradients of function(inputs), one number, by each input.
std::vector<Tensor> grad(const std::function<Tensor(std::span<const Tensor>)>& function, std::span<const Tensor> inputs);

}  // namespace rectify
