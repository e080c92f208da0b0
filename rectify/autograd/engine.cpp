#include "rectify/autograd/engine.h"

#include <algorithm>
#include <string>

#include "rectify/autograd/layer_observer.h"
#include "rectify/autograd/operations.h"
#include "rectify/base/error.h"

namespace rectify {
namespace autograd {
namespace {

thread_local int depth = 0;
thread_local bool enabled = true;
thread_local bool walking_once = false;
thread_local uint64_t next_sequence = 0;

struct Recording {
  Recording() { ++depth; }
  ~Recording() { --depth; }
};

bool later(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) { return a->sequence < b->sequence; }

void accumulate(Tensor& sum, Tensor part) { sum = sum.defined() ? sum + part : std::move(part); }

/// The nodes still to be walked, latest first. Leaves them clean whatever happens.
class Queue {
 public:
  ~Queue() {
    for (const auto& node : heap_) node->gradient = Tensor(), node->queued = false;
  }
  void push(const std::shared_ptr<Node>& node) {
    if (node->queued) return;
    node->queued = true;
    heap_.push_back(node);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  std::shared_ptr<Node> pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    std::shared_ptr<Node> node = std::move(heap_.back());
    heap_.pop_back();
    node->queued = false;
    return node;
  }
  bool empty() const { return heap_.empty(); }

 private:
  std::vector<std::shared_ptr<Node>, Recycling<std::shared_ptr<Node>>> heap_;
};

/// Walks from `output` back to the variables through the nodes recorded since `first`. `release` drops each node's inputs once it has been walked.
std::vector<Tensor> backward(const Tensor& output, std::span<const Tensor> variables, uint64_t first, bool release) {
  std::vector<Tensor> result(variables.size());
  std::vector<std::pair<const void*, size_t>, Recycling<std::pair<const void*, size_t>>> leaves;
  leaves.reserve(variables.size());
  for (size_t i = 0; i < variables.size(); ++i) leaves.emplace_back(variables[i].id(), i);
  std::ranges::sort(leaves);

  const struct Walk {
    explicit Walk(bool once) : before(std::exchange(walking_once, once)) {}
    ~Walk() { walking_once = before; }
    bool before;
  } walk(release);
  Queue queue;
  const auto deliver = [&](const Tensor& to, Tensor gradient) {
    if (to.node() && to.node()->sequence >= first) {
      accumulate(to.node()->gradient, gradient);
      queue.push(to.node());
    }
    // A variable may itself have history: inside another differentiation, or listed twice.
    for (auto leaf = std::ranges::lower_bound(leaves, std::pair<const void*, size_t>(to.id(), 0)); leaf != leaves.end() && leaf->first == to.id(); ++leaf) {
      accumulate(result[leaf->second], gradient);
    }
  };

  // What a vector-Jacobian product computes with a layer's weight, and records if it is differentiated itself, is no pass through the layer.
  const WalkObserved watched(release);
  deliver(output, Tensor::full(output.shape(), 1.0, output.dtype()));
  std::vector<Tensor, Recycling<Tensor>> gradients;
  while (!queue.empty()) {
    const std::shared_ptr<Node> node = queue.pop();
    const Tensor gradient = std::exchange(node->gradient, Tensor());
    gradients.assign(node->inputs.size(), Tensor());
    node->backward(gradient, gradients);
    for (size_t i = 0; i < gradients.size(); ++i) {
      if (gradients[i].defined() && node->inputs[i].requires_grad()) deliver(node->inputs[i], std::move(gradients[i]));
    }
    if (release) node->inputs.clear();
  }
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!result[i].defined() && variables[i].requires_grad()) result[i] = Tensor::zeros(variables[i].shape(), variables[i].dtype());
  }
  return result;
}

}  // namespace

bool recording() { return depth > 0 && enabled; }
int recording_depth() { return enabled ? depth : 0; }
bool releasing() { return walking_once; }

Node::Node(const char* function, std::initializer_list<const Tensor*> from) : name(function), sequence(next_sequence++) {
  inputs.reserve(from.size());
  for (const Tensor* input : from) inputs.push_back(*input);
}

Node::~Node() {
  // A chain of a million nodes must not become a recursion of a million calls.
  using Tensors = decltype(inputs);
  thread_local Tensors* pending = nullptr;
  if (inputs.empty()) return;
  if (pending) {
    std::ranges::move(inputs, std::back_inserter(*pending));
    return;
  }
  Tensors queue = std::move(inputs);
  pending = &queue;
  while (!queue.empty()) {
    const Tensor next = std::move(queue.back());
    queue.pop_back();
  }
  pending = nullptr;
}

}  // namespace autograd

NoGrad::NoGrad() : before_(std::exchange(autograd::enabled, false)) {}
NoGrad::~NoGrad() { autograd::enabled = before_; }

ValueAndGradients value_and_grad(const std::function<Tensor()>& function, std::span<const Tensor> variables) {
  if (!autograd::enabled) throw ArgumentError("[value_and_grad] called where NoGrad forbids recording. Call it outside that scope.");
  const uint64_t first = autograd::next_sequence;
  Tensor value;
  {
    const autograd::Recording scope;
    value = function();
  }
  if (value.size() != 1) throw ShapeError("[value_and_grad] the function's value must be one number, not of shape " + to_string(value.shape()) + ". Sum or average it.");
  const bool outermost = autograd::depth == 0;
  ValueAndGradients result{outermost ? value.detach() : value, {}};
  result.gradients = autograd::backward(value, variables, first, outermost);
  if (outermost) autograd::observe_step(result.value, variables, result.gradients);
  return result;
}

std::vector<Tensor> grad(const std::function<Tensor(std::span<const Tensor>)>& function, std::span<const Tensor> inputs) {
  // Inside another differentiation the inputs keep their history, which makes the result differentiable by what they came from.
  std::vector<Tensor> variables;
  for (const Tensor& input : inputs) variables.push_back(input.requires_grad() && autograd::recording() ? input : input.detach().set_requires_grad(true));
  return value_and_grad([&] { return function(variables); }, variables).gradients;
}

Tensor grad(const std::function<Tensor(const Tensor&)>& function, const Tensor& x) {
  return grad([&](std::span<const Tensor> inputs) { return function(inputs[0]); }, std::span<const Tensor>(&x, 1))[0];
}

}  // namespace rectify
