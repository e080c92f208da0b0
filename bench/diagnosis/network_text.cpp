#include "bench/diagnosis/network_text.h"

#include <algorithm>
#include <functional>

#include "rectify/activation/catalogue.h"

namespace bench::diagnosis {
namespace {

using rectify::Argument;
using rectify::Specification;

Specification parsed(const std::string& text) { return rectify::parse_specification(text, "layer").or_throw(); }

bool has_weights(const Specification& layer) { return layer.name == "linear" || layer.name == "conv2d" || layer.name == "conv"; }

/// `linear` is also a name of the identity.
bool is_activation(const Specification& layer) { return !has_weights(layer) && (layer.name == "formula" || rectify::activation::find(layer.name).has_value()); }

void set_argument(Specification& item, const std::string& name, const std::string& value) {
  const Argument changed = parsed("item(" + name + "=" + value + ")").arguments.at(0);
  const auto found = std::ranges::find(item.arguments, name, &Argument::name);
  if (found == item.arguments.end()) {
    item.arguments.push_back(changed);
  } else {
    *found = changed;
  }
}

}  // namespace

std::string with_argument(const std::string& item, const std::string& argument, const std::string& value) {
  Specification changed = parsed(item);
  set_argument(changed, argument, value);
  return rectify::to_string(changed);
}

std::string with_learning_rate_times(const std::string& optimiser, double factor) {
  for (const Argument& argument : parsed(optimiser).arguments) {
    if (argument.name == "lr") return with_argument(optimiser, "lr", rectify::number(std::get<rectify::Number>(argument.value).value * factor).text);
  }
  throw rectify::ArgumentError("[with_learning_rate_times] " + optimiser + " does not say its learning rate. Write it as lr=.");
}

NetworkText::NetworkText(const std::string& text) : layers_(rectify::parse_specification_list(text, "network").or_throw()) {}

std::string NetworkText::text() const { return rectify::to_string(layers_); }

size_t NetworkText::weighted_layers() const { return static_cast<size_t>(std::ranges::count_if(layers_, has_weights)); }

size_t NetworkText::place_of(size_t weighted_layer) const {
  for (size_t place = 0; place < layers_.size(); ++place) {
    if (has_weights(layers_[place]) && weighted_layer-- == 0) return place;
  }
  throw rectify::ArgumentError("[NetworkText] the network has " + std::to_string(weighted_layers()) + " layers with weights. Name one of them.");
}

void NetworkText::set(size_t weighted_layer, const std::string& argument, const std::string& value) {
  set_argument(layers_[place_of(weighted_layer)], argument, value);
}

void NetworkText::remove(size_t weighted_layer, const std::string& argument) {
  std::erase_if(layers_[place_of(weighted_layer)].arguments, [&](const Argument& other) { return other.name == argument; });
}

int64_t NetworkText::units(size_t weighted_layer) const {
  return static_cast<int64_t>(std::get<rectify::Number>(layers_[place_of(weighted_layer)].arguments.at(0).value).value);
}

void NetworkText::set_units(size_t weighted_layer, int64_t units) {
  layers_[place_of(weighted_layer)].arguments.at(0).value = rectify::number(static_cast<double>(units));
}

bool NetworkText::is_hidden_activation(size_t place) const { return is_activation(layers_[place]) && place < place_of(weighted_layers() - 1); }

std::vector<std::string> NetworkText::hidden_activations() const {
  std::vector<std::string> result;
  for (size_t place = 0; place < layers_.size(); ++place) {
    if (is_hidden_activation(place)) result.push_back(rectify::to_string(layers_[place]));
  }
  return result;
}

void NetworkText::change_hidden_activations(const std::function<std::vector<std::string>(const std::string& activation)>& replacement) {
  std::vector<Specification> changed;
  for (size_t place = 0; place < layers_.size(); ++place) {
    if (!is_hidden_activation(place)) {
      changed.push_back(layers_[place]);
      continue;
    }
    for (const std::string& layer : replacement(rectify::to_string(layers_[place]))) changed.push_back(parsed(layer));
  }
  layers_ = std::move(changed);
}

void NetworkText::replace_hidden_activations(const std::string& activation) {
  change_hidden_activations([&](const std::string&) { return std::vector{activation}; });
}
void NetworkText::insert_before_hidden_activations(const std::string& layer) {
  change_hidden_activations([&](const std::string& activation) { return std::vector{layer, activation}; });
}
void NetworkText::insert_after_hidden_activations(const std::string& layer) {
  change_hidden_activations([&](const std::string& activation) { return std::vector{activation, layer}; });
}

void NetworkText::insert_before_output(const std::string& layer) {
  layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(place_of(weighted_layers() - 1)), parsed(layer));
}

void NetworkText::deepen(size_t hidden_layers) {
  const size_t hidden = weighted_layers() - 1;
  if (hidden == 0 || hidden >= hidden_layers) return;
  // The last hidden block is whatever stands between the last hidden layer with weights and the output's: the layer, its activation.
  const auto begin = layers_.begin() + static_cast<std::ptrdiff_t>(place_of(hidden - 1)), end = layers_.begin() + static_cast<std::ptrdiff_t>(place_of(hidden));
  const std::vector<Specification> block(begin, end);
  std::vector<Specification> result(layers_.begin(), end);
  for (size_t k = hidden; k < hidden_layers; ++k) result.insert(result.end(), block.begin(), block.end());
  result.insert(result.end(), end, layers_.end());
  layers_ = std::move(result);
}

std::vector<std::string> NetworkText::output_activations() const {
  std::vector<std::string> result;
  for (size_t place = place_of(weighted_layers() - 1) + 1; place < layers_.size(); ++place) result.push_back(rectify::to_string(layers_[place]));
  return result;
}

void NetworkText::append(const std::string& layer) { layers_.push_back(parsed(layer)); }

void NetworkText::remove_output_activations() { layers_.resize(place_of(weighted_layers() - 1) + 1); }

}  // namespace bench::diagnosis
