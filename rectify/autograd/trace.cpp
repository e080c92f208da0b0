#include "rectify/autograd/trace.h"

namespace rectify::trace {
namespace {
thread_local Trace* current = nullptr;
}

Trace::Trace() : before_(std::exchange(current, this)) {}
Trace::~Trace() { current = before_; }

bool active() { return current != nullptr; }

/// The latest layer that this is the output of, as it was or passed on.
Layer* Trace::layer_of(const Tensor& output) {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    if (layer->output.id() == output.id() || layer->passed_on.id() == output.id()) return &*layer;
  }
  return nullptr;
}

void linear(const Tensor& weight, const Tensor& output) {
  if (current) current->layers_.push_back({weight.id(), output, std::nullopt, Tensor(), Tensor(), std::nullopt});
}

void activation(const activation::Function& function, const Tensor& input, const Tensor& output) {
  Layer* layer = current ? current->layer_of(input) : nullptr;
  if (layer && !layer->activation && !layer->unit_gain) layer->activation = function, layer->activated = output;
}

void unit(double gain, const Tensor& input) {
  Layer* layer = current ? current->layer_of(input) : nullptr;
  if (layer && !layer->activation && !layer->unit_gain) layer->unit_gain = gain;
}

void passed_on(const Tensor& input, const Tensor& output) {
  Layer* layer = current ? current->layer_of(input) : nullptr;
  if (layer && !layer->activation && !layer->unit_gain) layer->passed_on = output;
}

}  // namespace rectify::trace
