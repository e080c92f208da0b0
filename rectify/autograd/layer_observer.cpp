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

}  // namespace rectify::autograd
