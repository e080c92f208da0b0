#include "rectify/observe/watch.h"

#include <algorithm>
#include <cmath>

#include "rectify/kernel/reduce.h"
#include "rectify/nn/layers.h"

namespace rectify::observe {
namespace {

/// A layer's bias, if it is one of ours and this is its weight.
Tensor bias_beside(const nn::Module& module, const void* weight) {
  const auto* const layer = dynamic_cast<const nn::WeightedLayer*>(&module);
  return layer && layer->weight.id() == weight ? layer->bias : Tensor();
}

/// What the counts of all units say together.
void summarise(const UnitCounts& counts, LayerWindow& window) {
  const size_t units = static_cast<size_t>(counts.units());
  window.values = counts.count;
  if (counts.count == 0) return;
  double sum = 0, squares = 0, centres = 0, units_squares = 0;
  int64_t finite = 0, zeros = 0, saturated = 0;
  window.smallest = counts.minimum[0], window.largest = counts.maximum[0];
  for (size_t unit = 0; unit < units; ++unit) {
    const int64_t of_unit = counts.count - counts.non_finite[unit];
    sum += counts.sum[unit], squares += counts.sum_of_squares[unit];
    if (of_unit > 0) {
      const double n = static_cast<double>(of_unit), mean = counts.sum[unit] / n;
      centres += mean * mean, units_squares += counts.sum_of_squares[unit] / n;
    }
    window.smallest = std::min(window.smallest, counts.minimum[unit]);
    window.largest = std::max(window.largest, counts.maximum[unit]);
    finite += of_unit, zeros += counts.zeros[unit], saturated += counts.saturated_left[unit] + counts.saturated_right[unit];
    window.stuck_units += counts.stuck(unit) ? 1 : 0;
  }
  const double all = static_cast<double>(counts.count) * static_cast<double>(units);
  if (finite > 0) {
    window.mean = sum / static_cast<double>(finite);
    window.rms = std::sqrt(squares / static_cast<double>(finite));
  }
  window.uncentred = units_squares > 0 ? std::min(1.0, centres / units_squares) : 0;
  window.zeros = static_cast<double>(zeros) / all;
  window.saturated = static_cast<double>(saturated) / all;
  window.non_finite = counts.count * counts.units() - finite;
}

/// Root of the mean square of the finite values.
double rms_of(const UnitCounts& counts) {
  LayerWindow window;
  summarise(counts, window);
  return counts.count > 0 ? window.rms : unmeasured;
}

void follow(UnitHistory& history, bool silent, int64_t values, int64_t last_step_before) {
  if (!silent) {
    if (values > 0) history = {};
    return;
  }
  if (history.silent_values == 0) history.silent_since = last_step_before;
  history.silent_values += values;
}

}  // namespace

Watch::Followed::Followed(const Tensor& layer_weight, const Tensor& layer_bias)
    : id(layer_weight.id()), bias(layer_bias), outputs(layer_weight.size(0)), inputs(layer_weight.size(0)), sample(layer_weight) {}

Watch::Watch(nn::Module& model, const WatchOptions& options)
    : model_(model), options_(options), owners_(train::parameter_owners(model)), parameters_(model.parameters()) {
  const auto refuse = [](const std::string& what) { throw ArgumentError("[Watch] " + what + ". Leave it 0, and it is chosen."); };
  for (const auto& [name, steps] : {std::pair("every", options.every), std::pair("gradients_every", options.gradients_every), std::pair("window", options.window)}) {
    if (steps < 0) refuse(std::string(name) + " is " + std::to_string(steps) + " steps; it must be at least 1");
  }
  if (options.first_step < 0) refuse("first_step is " + std::to_string(options.first_step) + "; there cannot have been fewer than 0 steps before");
  if (options.window > 0 && options.every > options.window) refuse("every is " + std::to_string(options.every) + " steps, and the window only " + std::to_string(options.window));
}

std::vector<WatchedLayer> Watch::layers() const {
  std::vector<WatchedLayer> result = layers_;
  for (size_t i = 0; i < result.size(); ++i) result[i].add(followed_[i].outputs);
  return result;
}

WatchLog Watch::log() const {
  WatchLog result = log_;
  if (open_.steps > 0) add_open_window(result);
  return result;
}

void Watch::reset() {
  if (open_.steps > 0) add_open_window(log_);
  begin_window();
  for (WatchedLayer& layer : layers_) layer.clear();
  for (Followed& followed : followed_) followed.read_again = true;
}

std::optional<size_t> Watch::place_of(const void* weight) const {
  const auto known = std::ranges::find(followed_, weight, &Followed::id);
  return known == followed_.end() ? std::nullopt : std::optional(static_cast<size_t>(known - followed_.begin()));
}

std::optional<size_t> Watch::place_of(const void* weight, int64_t units) {
  if (const std::optional<size_t> known = place_of(weight)) return known;
  const train::ParameterOwner* const owner = train::find_owner(owners_, weight);
  if (!owner) return std::nullopt;
  const Tensor& tensor = parameters_[static_cast<size_t>(owner - owners_.data())];
  if (tensor.size(0) != units) return std::nullopt;
  WatchedLayer layer(units);
  layer.name = owner->path;
  layer.layer = owner->module->specification();
  // A module that holds its weights itself has no text of its own for each of them.
  if (layer.layer.empty()) layer.layer = "linear(" + std::to_string(units) + ")";
  log_.layers.push_back({.name = layer.name, .layer = layer.layer, .activation = "", .units = units, .fan_in = tensor.size() / units});
  log_.units.emplace_back(static_cast<size_t>(units));
  // In the windows before it did nothing.
  for (Window& window : log_.windows) window.layers.emplace_back();
  layers_.push_back(std::move(layer));
  followed_.emplace_back(tensor, bias_beside(*owner->module, weight));
  return layers_.size() - 1;
}

bool Watch::is_activation_of(size_t place, const activation::Function& f) const {
  const std::optional<activation::Function>& own = layers_[place].activation;
  return own && own->id == f.id && own->formula == f.formula;
}

void Watch::set_activation(size_t place, const activation::Function& f) {
  WatchedLayer& layer = layers_[place];
  Followed& followed = followed_[place];
  followed.read_again = false;
  if (layer.activation == f) return;
  // To find the tails takes milliseconds, and most layers share an activation.
  const auto same = std::ranges::find(layers_, std::optional(f), &WatchedLayer::activation);
  if (same != layers_.end()) {
    const Followed& other = followed_[static_cast<size_t>(same - layers_.begin())];
    layer.saturated = same->saturated;
    followed.of_output = other.of_output;
    followed.slopes = other.slopes;
  } else {
    layer.saturated = activation::saturated_tails(f);
    followed.of_output = activation::carried_to_output(f, layer.saturated);
    followed.slopes.emplace(f);
  }
  layer.activation = f;
  log_.layers[place].activation = activation::to_string(f);
}

void Watch::observe(const autograd::ObservedLayer& seen) {
  const int64_t units = seen.output.size(-1);
  if (seen.weight == nullptr || units == 0 || !is_counted_mode()) return;
  // In the first step the sizes are learnt.
  if (!is_due(options_.every) && !is_due(options_.gradients_every)) return;
  const std::optional<size_t> place = place_of(seen.weight, units);
  if (!place || layers_[*place].units() != units) return;
  WatchedLayer& layer = layers_[*place];
  Followed& followed = followed_[*place];
  if (seen.activation == nullptr) {
    // Its activation is still to come.
    if (layer.activation) return;
  } else if (!layer.activation) {
    // What had been taken for the output is what the activation was applied to.
    layer.clear();
    followed.outputs.clear();
    set_activation(*place, *seen.activation);
  } else {
    if (!is_activation_of(*place, *seen.activation)) return;
    if (followed.read_again) set_activation(*place, *seen.activation);
  }
  const bool has_inputs = seen.pre_activation.defined();
  if (is_due(options_.every)) followed.outputs.add(seen.output, seen.pre_activation, has_inputs ? layer.saturated : followed.of_output);
  if (has_inputs && is_due(options_.gradients_every)) followed.inputs.add(seen.pre_activation, Tensor(), {});
}

void Watch::observe_gradient(const autograd::ObservedGradient& seen) {
  if (!is_due(options_.gradients_every) || !is_counted_mode()) return;
  const std::optional<size_t> place = place_of(seen.weight);
  if (!place) return;
  Followed& followed = followed_[*place];
  if (seen.activation == nullptr) followed.sample.add_pass(seen.input, seen.gradient);
  else if (is_activation_of(*place, *seen.activation)) followed.sample.add_output_gradient(seen.gradient);
}

void Watch::observe_step(const autograd::ObservedStep& step) {
  if (!is_counted_mode()) return;
  const auto place_in_step = [&](const Followed& followed) { return std::ranges::find(step.variables, followed.id, &Tensor::id) - step.variables.begin(); };
  const auto end = static_cast<std::ptrdiff_t>(step.variables.size());
  if (std::ranges::none_of(followed_, [&](const Followed& followed) { return place_in_step(followed) < end; })) return;
  if (steps_ == 0) choose_periods();
  const bool sampled = is_due(options_.gradients_every);
  for (Followed& followed : followed_) {
    followed.sample.end_next_step();
    if (!sampled) continue;
    const std::ptrdiff_t place = place_in_step(followed);
    followed.sample.end_step(place < end ? step.gradients[static_cast<size_t>(place)] : Tensor());
  }
  const double loss = step.value.item();
  if (open_.steps++ == 0) open_.first_loss = loss;
  open_.last_loss = loss;
  open_.sum += loss - open_.first_loss;
  open_.sum_of_squares += (loss - open_.first_loss) * (loss - open_.first_loss);
  ++steps_;
  if (open_.steps < options_.window) return;
  add_open_window(log_);
  begin_window();
}

void Watch::on_step(nn::Module& model, const train::StepInfo& info, std::span<const Tensor>) {
  if (&model != &model_) return;
  // The step has ended, and with it perhaps the window.
  const bool closed = open_.steps == 0 && !log_.windows.empty();
  double& largest = closed ? log_.windows.back().learning_rate : open_.learning_rate;
  largest = std::max(largest, info.learning_rate);
}

void Watch::choose_periods() {
  // What a step computes per value of a layer's output, which is what watching is paid by.
  double products = 0, values = 0;
  for (size_t i = 0; i < followed_.size(); ++i) {
    const double of_layer = static_cast<double>(followed_[i].outputs.count) * static_cast<double>(followed_[i].outputs.units());
    values += of_layer, products += of_layer * static_cast<double>(log_.layers[i].fan_in);
  }
  const bool narrow = products < 192 * values;
  const auto choose = [&](int64_t& option, int64_t in_wide, int64_t in_narrow) {
    if (option == 0) option = narrow ? in_narrow : in_wide;
  };
  choose(options_.window, std::max<int64_t>(10, options_.every), std::max<int64_t>(20, options_.every));
  choose(options_.gradients_every, 10, 20);
  choose(options_.every, 1, std::min<int64_t>(5, options_.window));
  log_.every = options_.every;
}

LayerWindow Watch::layer_window(size_t place) const {
  const Followed& followed = followed_[place];
  const UnitCounts& counts = followed.outputs;
  LayerWindow window;
  summarise(counts, window);
  const bool has_inputs = followed.inputs.count > 0;
  if (layers_[place].activation) {
    const UnitCounts& range = has_inputs ? followed.inputs : counts;
    const std::vector<bool> straight = followed.slopes->constant(range.minimum, range.maximum);
    for (size_t unit = 0; unit < straight.size(); ++unit) {
      window.dead_units += counts.silent(unit) ? 1 : 0;
      window.linear_units += straight[unit] && !counts.silent(unit) && !counts.stuck(unit) ? 1 : 0;
    }
    window.output_gradient = followed.sample.output_gradient();
    if (has_inputs) window.pre_activation_rms = rms_of(followed.inputs);
  } else {
    window.output_gradient = followed.sample.pre_activation_gradient();
    if (counts.count > 0) window.pre_activation_rms = window.rms;
  }
  window.input = followed.sample.input();
  window.input_uncentred = followed.sample.input_uncentred();
  window.pre_activation_gradient = followed.sample.pre_activation_gradient();
  window.weight = followed.sample.weight();
  window.weight_gradient = followed.sample.weight_gradient();
  window.update = followed.sample.update();
  window.sign_agreement = followed.sample.sign_agreement();
  window.mean_share = followed.sample.mean_share();
  window.unit_spread = followed.sample.unit_spread();
  if (followed.bias.defined()) {
    dispatch_floating(followed.bias.dtype(), "Watch", [&]<class T>(T) {
      const int64_t n = followed.bias.size();
      window.bias = kernel::sum(followed.bias.data<T>(), n) / static_cast<double>(n);
      window.largest_bias = kernel::max_magnitude(followed.bias.data<T>(), n);
    });
  }
  return window;
}

void Watch::add_open_window(WatchLog& log) const {
  const double n = static_cast<double>(open_.steps), mean = open_.sum / n;
  const int64_t last_step = options_.first_step + steps_;
  Window window{.first_step = last_step - open_.steps + 1, .last_step = last_step, .loss = open_.first_loss + mean,
                .loss_deviation = std::sqrt(std::max(0.0, open_.sum_of_squares / n - mean * mean)), .first_loss = open_.first_loss, .last_loss = open_.last_loss,
                .learning_rate = open_.learning_rate, .layers = {}};
  window.layers.reserve(followed_.size());
  for (size_t i = 0; i < followed_.size(); ++i) {
    window.layers.push_back(layer_window(i));
    const UnitCounts& counts = followed_[i].outputs;
    for (size_t unit = 0; unit < log.units[i].size(); ++unit) follow(log.units[i][unit], counts.silent(unit), counts.count, window.first_step - 1);
  }
  append(log, std::move(window));
}

void Watch::begin_window() {
  open_ = {};
  for (size_t i = 0; i < followed_.size(); ++i) {
    Followed& followed = followed_[i];
    layers_[i].add(followed.outputs);
    if (followed.outputs.count > 0) followed.outputs.clear();
    if (followed.inputs.count > 0) followed.inputs.clear();
    followed.sample.clear();
  }
}

}  // namespace rectify::observe
