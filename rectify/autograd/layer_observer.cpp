#include "rectify/autograd/layer_observer.h"

namespace rectify::autograd {

LayerObserver::LayerObserver() : next_(std::exchange(detail::observers, this)) {}

LayerObserver::~LayerObserver() {
  // Observers that live in containers may end in any order.
  LayerObserver** place = &detail::observers;
  while (*place != nullptr && *place != this) place = &(*place)->next_;
  if (*place != nullptr) *place = next_;
}

void tell_observers(const ObservedLayer& layer) {
  for (LayerObserver* observer = detail::observers; observer != nullptr; observer = observer->next_) observer->observe(layer);
}

void tell_observers(const ObservedGradient& gradient) {
  for (LayerObserver* observer = detail::gradient_observers; observer != nullptr; observer = observer->next_) observer->observe_gradient(gradient);
}

void tell_observers(const ObservedStep& step) {
  for (LayerObserver* observer = detail::observers; observer != nullptr; observer = observer->next_) observer->observe_step(step);
}

}  // namespace rectify::autograd
