#include "rectify/autograd/trace.h"

namespace rectify::trace {
namespace {
thread_local Trace* current = nullptr;
}

Trace::Trace() : before_(std::exchange(current, this)) {}
Trace::~Trace() { current = before_; }

bool active() { return current != nullptr; }

void linear(const Tensor& weight, const Tensor& output) {
  if (current) current->layers_.push_back({weight.id(), output, std::nullopt, Tensor(), std::nullopt});
}

void activation(const activation::Function& function, const Tensor& input, const Tensor& output) {
  if (!current) return;
  for (auto layer = current->layers_.rbegin(); layer != current->layers_.rend(); ++layer) {
    if (layer->output.id() != input.id()) continue;
    if (!layer->activation && !layer->unit_gain) layer->activation = function, layer->activated = output;
    return;
  }
}

void unit(double gain, const Tensor& input) {
  if (!current) return;
  for (auto layer = current->layers_.rbegin(); layer != current->layers_.rend(); ++layer) {
    if (layer->output.id() != input.id()) continue;
    if (!layer->activation && !layer->unit_gain) layer->unit_gain = gain;
    return;
  }
}

}  // namespace rectify::trace
