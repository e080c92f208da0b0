#include "rectify/nn/sequential.h"

#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"

namespace rectify::nn {

Tensor Sequential::forward(const Tensor& x) {
  Tensor value = x;
  for (size_t i = 0; i < entries_.size(); ++i) {
    auto* layer = dynamic_cast<WeightedLayer*>(entries_[i].module.get());
    auto* activation = i + 1 < entries_.size() ? dynamic_cast<Activation*>(entries_[i + 1].module.get()) : nullptr;
    if (layer && activation && !activation->learned()) {
      value = layer->forward(value, activation->function());
      ++i;
    } else {
      value = entries_[i].module->forward(value);
    }
  }
  return value;
}

void Sequential::visit(Visitor& visitor) {
  for (size_t i = 0; i < entries_.size(); ++i) visitor(std::to_string(i).c_str(), *entries_[i].module);
}

std::string Sequential::specification() const {
  std::string text;
  for (const Entry& entry : entries_) text += (text.empty() ? "" : ", ") + entry.module->specification();
  return text;
}

void Sequential::unshare() {
  for (Entry& entry : entries_) {
    entry.module = entry.copy(*entry.module);
    entry.module->unshare();
  }
}

}  // namespace rectify::nn
