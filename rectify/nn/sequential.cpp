#include "rectify/nn/sequential.h"

#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"

namespace rectify::nn {

void Sequential::recognise(Entry& entry) {
  entry.layer = dynamic_cast<WeightedLayer*>(entry.module.get());
  entry.activation = dynamic_cast<Activation*>(entry.module.get());
}

void Sequential::add(std::shared_ptr<Module> module, Copy copy) {
  Entry& entry = entries_.emplace_back(Entry{.module = std::move(module), .copy = std::move(copy), .name = std::to_string(entries_.size())});
  recognise(entry);
}

Tensor Sequential::forward(const Tensor& x) {
  Tensor value = x;
  for (size_t i = 0; i < entries_.size(); ++i) {
    WeightedLayer* const layer = entries_[i].layer;
    Activation* const activation = i + 1 < entries_.size() ? entries_[i + 1].activation : nullptr;
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
  for (const Entry& entry : entries_) visitor(entry.name.c_str(), *entry.module);
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
    recognise(entry);
  }
}

}  // namespace rectify::nn
