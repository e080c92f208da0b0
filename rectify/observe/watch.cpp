#include "rectify/observe/watch.h"

#include <algorithm>
#include <limits>

#include "rectify/kernel/statistics.h"

namespace rectify::observe {
namespace {

void clear(WatchedLayer& layer) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  layer.count = 0;
  for (auto* numbers : {&layer.sum, &layer.sum_of_squares}) std::ranges::fill(*numbers, 0.0);
  std::ranges::fill(layer.minimum, infinity);
  std::ranges::fill(layer.maximum, -infinity);
  for (auto* counts : {&layer.zeros, &layer.non_finite, &layer.saturated_left, &layer.saturated_right}) std::ranges::fill(*counts, 0);
}

kernel::UnitAccumulators accumulators(WatchedLayer& layer) {
  return {.sum = layer.sum.data(), .sum_of_squares = layer.sum_of_squares.data(), .minimum = layer.minimum.data(), .maximum = layer.maximum.data(), .zeros = layer.zeros.data(),
          .non_finite = layer.non_finite.data(), .below = layer.saturated_left.data(), .above = layer.saturated_right.data()};
}

}  // namespace

Watch::Watch(nn::Module& model) : model_(model), owners_(train::parameter_owners(model)) {}

void Watch::reset() {
  for (WatchedLayer& layer : layers_) clear(layer);
  for (Followed& followed : followed_) followed.read_again = true;
}

std::optional<size_t> Watch::place_of(const void* weight, int64_t units) {
  const auto known = std::ranges::find(followed_, weight, &Followed::weight);
  if (known != followed_.end()) return static_cast<size_t>(known - followed_.begin());
  const train::ParameterOwner* const owner = train::find_owner(owners_, weight);
  if (!owner) return std::nullopt;
  const auto size = static_cast<size_t>(units);
  std::string text = owner->module->specification();
  // A module that holds its weights itself has no text of its own for each of them.
  if (text.empty()) text = "linear(" + std::to_string(units) + ")";
  WatchedLayer layer{.name = owner->path, .layer = std::move(text), .activation = {}, .saturated = {}, .sum = std::vector<double>(size), .sum_of_squares = std::vector<double>(size),
                     .minimum = std::vector<double>(size), .maximum = std::vector<double>(size), .zeros = std::vector<int64_t>(size), .non_finite = std::vector<int64_t>(size),
                     .saturated_left = std::vector<int64_t>(size), .saturated_right = std::vector<int64_t>(size)};
  clear(layer);
  layers_.push_back(std::move(layer));
  followed_.push_back({.weight = weight, .of_output = {}, .read_again = false});
  return layers_.size() - 1;
}

void Watch::set_activation(size_t place, const activation::Function& f) {
  WatchedLayer& layer = layers_[place];
  followed_[place].read_again = false;
  if (layer.activation == f) return;
  // To find the tails takes milliseconds, and most layers share an activation.
  const auto same = std::ranges::find(layers_, std::optional(f), &WatchedLayer::activation);
  if (same != layers_.end()) {
    layer.saturated = same->saturated;
    followed_[place].of_output = followed_[static_cast<size_t>(same - layers_.begin())].of_output;
  } else {
    layer.saturated = activation::saturated_tails(f);
    followed_[place].of_output = activation::carried_to_output(f, layer.saturated);
  }
  layer.activation = f;
}

void Watch::observe(const autograd::ObservedLayer& seen) {
  const int64_t units = seen.output.size(-1);
  if (seen.weight == nullptr || units == 0 || !model_.training()) return;
  const std::optional<size_t> place = place_of(seen.weight, units);
  if (!place || layers_[*place].units() != units) return;
  WatchedLayer& layer = layers_[*place];
  if (seen.activation == nullptr) {
    // Its activation is still to come.
    if (layer.activation) return;
  } else if (!layer.activation) {
    // What had been taken for the output is what the activation was applied to.
    clear(layer);
    set_activation(*place, *seen.activation);
  } else {
    const activation::Function& first = *layer.activation;
    if (seen.activation->id != first.id || seen.activation->formula != first.formula) return;
    if (followed_[*place].read_again) set_activation(*place, *seen.activation);
  }
  const bool inputs = seen.pre_activation.defined();
  const activation::SaturatedTails& tails = inputs ? layer.saturated : followed_[*place].of_output;
  const int64_t rows = seen.output.size() / units;
  dispatch_floating(seen.output.dtype(), "Watch", [&]<class T>(T) {
    kernel::add_unit_statistics<T>(seen.output.data<T>(), inputs ? seen.pre_activation.data<T>() : nullptr, rows, units, {.below = tails.left, .above = tails.right}, accumulators(layer));
  });
  layer.count += rows;
}

}  // namespace rectify::observe
