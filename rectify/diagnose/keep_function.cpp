// Remedies that leave what the network computes as it is, and change how it learns.
#include <algorithm>
#include <cmath>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/formula.h"
#include "rectify/diagnose/network_parts.h"
#include "rectify/diagnose/remedies.h"
#include "rectify/diagnose/weights.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/normalisations.h"

namespace rectify::diagnose {
namespace {

/// Paths from one layer, or from all layers that have a next one.
std::vector<Path> paths_from(nn::Sequential& model, std::optional<size_t> layer, const char* remedy) {
  std::vector<size_t> places = weighted_places(model);
  if (layer) places = {place_of(model, *layer, remedy)};
  std::vector<Path> paths;
  for (const size_t place : places) {
    if (const std::optional<Path> path = path_from(model, place)) paths.push_back(*path);
  }
  return paths;
}

[[noreturn]] void refuse(const char* remedy, const std::string& reason) { throw ArgumentError("[" + std::string(remedy) + "] " + reason); }

/// The text of a formula with its parameters' names replaced by their values.
std::string with_values(const activation::Function& f) {
  const activation::Spec& spec = activation::spec(f);
  const auto is_name = [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const std::string_view text = spec.formula;
  std::string result;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && is_name(text[end])) ++end;
    std::string word(text.substr(i, std::max<size_t>(end - i, 1)));
    for (int k = 0; k < spec.parameter_count(); ++k) {
      if (word == spec.parameters[k].name) word = "(" + number(f.parameters[static_cast<size_t>(k)]).text + ")";
    }
    result += word;
    i += std::max<size_t>(end - i, 1);
  }
  return result;
}

/// f(0) and f'(0), and (f(x) - f(0)) / f'(0) as it is written in a network; nothing if the slope there is 0, or f is that already.
struct Rescaled {
  double offset, slope;
  Specification text;
};
std::optional<Rescaled> rescaled(const nn::Activation& module) {
  const activation::Function f = module.function();
  if (module.learned() || f.at_kinks != activation::AtKinks::standard) return std::nullopt;
  const double offset = activation::evaluate(f, 0.0), slope = activation::evaluate(f, 0.0, activation::slope);
  if (!std::isfinite(offset) || !std::isfinite(slope) || !(slope > 0) || (offset == 0 && slope == 1)) return std::nullopt;
  if (f == activation::make(activation::Id::sigmoid)) return Rescaled{offset, slope, {.name = "scaled_sigmoid", .arguments = {}}};
  const std::string text = "(" + with_values(f) + (offset == 0 ? ")" : " - (" + number(offset).text + "))") + "/" + number(slope).text;
  Specification formula{.name = "formula", .arguments = {}};
  formula.arguments.push_back({.name = "", .value = Specification{.name = text, .arguments = {}, .quoted = true}});
  return Rescaled{offset, slope, formula};
}

/// What the optimiser remembers of the next weights: their gradient becomes (by the weight - f(0) by the bias) / f'(0), of which moments that are linear in it follow exactly.
void follow_gradient(TensorPart& weight, const TensorPart& bias, const Rescaled& change) {
  const bool normalised = std::ranges::find(weight.moments, "square", &NamedTensor::name) != weight.moments.end();
  for (NamedTensor& moment : weight.moments) {
    const bool squares = moment.name == "square";
    if (moment.name == "velocity" && normalised) continue;  // RMSprop's is of gradients divided by their size: no factor changes it
    const auto of_bias = std::ranges::find(bias.moments, moment.name, &NamedTensor::name);
    WeightTable table(moment.tensor);
    for (int64_t o = 0; o < table.outputs; ++o) {
      const double common = squares || of_bias == bias.moments.end() ? 0.0 : change.offset * of_bias->tensor.at(o);
      for (int64_t k = 0; k < table.columns; ++k) {
        float& value = table.row(o)[k];
        value = static_cast<float>((static_cast<double>(value) - common) / (squares ? change.slope * change.slope : change.slope));
      }
    }
  }
}

/// W f + b = f'(0) W g + (b + f(0) W 1).
void fold(LayerPart& next, const Rescaled& change) {
  if (change.offset != 0) ensure_bias(next);
  TensorPart& weight = *next.find("weight");
  WeightTable table(weight.value);
  std::vector<double> offsets(static_cast<size_t>(table.outputs));
  for (int64_t o = 0; o < table.outputs; ++o) {
    double sum = 0;
    for (int64_t k = 0; k < table.columns; ++k) sum += static_cast<double>(table.row(o)[k]);
    offsets[static_cast<size_t>(o)] = change.offset * sum;
    for (int64_t k = 0; k < table.columns; ++k) table.row(o)[k] = static_cast<float>(change.slope * static_cast<double>(table.row(o)[k]));
  }
  TensorPart* bias = next.find("bias");
  if (change.offset != 0) add_to(bias->value, offsets);
  follow_gradient(weight, bias ? *bias : TensorPart{}, change);
}

/// Column k of `weight` belongs to a unit if k mod units is that unit, see Path::keeps_units.
void clear_outgoing(TensorPart& weight, int64_t unit, int64_t units) {
  const auto clear = [&](Tensor& tensor) {
    WeightTable table(tensor);
    for (int64_t o = 0; o < table.outputs; ++o) {
      for (int64_t k = unit; k < table.columns; k += units) table.row(o)[k] = 0;
    }
  };
  clear(weight.value);
  for (NamedTensor& moment : weight.moments) clear(moment.tensor);
}

void clear_incoming_moments(LayerPart& part, int64_t unit) {
  for (TensorPart& tensor : part.tensors) {
    for (NamedTensor& moment : tensor.moments) std::fill_n(WeightTable(moment.tensor).row(unit), WeightTable(moment.tensor).columns, 0.0f);
  }
}

/// What a unit gives on the sample if that is one number: then it carries nothing.
std::optional<double> constant_output(const Tensor& output, int64_t unit) {
  const int64_t units = output.size(-1), rows = output.size() / units;
  const float* values = output.data<float>();
  for (int64_t i = 1; i < rows; ++i) {
    if (!(values[i * units + unit] == values[unit])) return std::nullopt;
  }
  return rows > 0 && std::isfinite(values[unit]) ? std::optional<double>(values[unit]) : std::nullopt;
}

/// The batch, or the next larger one with which even the last batch of an epoch gives each shard the two samples that batch normalisation needs.
int64_t batch_for_normalisation(const Checkpoint& checkpoint) {
  const train::TrainOptions& options = checkpoint.run.options;
  const int64_t samples = checkpoint.run.data.train.size();
  for (int64_t batch = options.batch; batch <= 2 * options.batch; ++batch) {
    const int64_t last = samples % batch == 0 ? std::min(batch, samples) : samples % batch;
    if (last >= 2 * options.shards) return batch;
  }
  refuse("insert_normalisation", "batches of " + std::to_string(options.batch) + " of " + std::to_string(samples) + " samples in " + std::to_string(options.shards) +
                                     (options.shards == 1 ? " shard" : " shards") + " leave some with fewer than the two that batch normalisation needs. Choose another batch.");
}

}  // namespace

void rescale_activation(Checkpoint& checkpoint, std::optional<size_t> layer) {
  nn::Sequential& model = checkpoint.run.model;
  std::vector<LayerPart> parts = take_apart(checkpoint);
  bool changed = false;
  for (const Path& path : paths_from(model, layer, "rescale_activation")) {
    if (!path.activation || !path.keeps_factor) continue;
    const std::optional<Rescaled> change = rescaled(dynamic_cast<nn::Activation&>(model[*path.activation]));
    if (!change || (change->offset != 0 && !path.keeps_offset)) continue;
    parts[*path.activation] = {change->text, {}};
    fold(parts[path.next], *change);
    changed = true;
  }
  if (!changed) refuse("rescale_activation", "no activation here has a slope above 0 at 0, is not the identity near 0 already, and is followed by a layer that takes up factor and offset exactly.");
  put_together(checkpoint, std::move(parts));
}

void recycle_units(Checkpoint& checkpoint, size_t layer, std::span<const int64_t> units) {
  const Tensor sample = sample_inputs(checkpoint);
  const std::vector<Path> paths = paths_from(checkpoint.run.model, layer, "recycle_units");
  if (paths.empty() || !paths[0].activation || !paths[0].keeps_units) {
    refuse("recycle_units", "the units of layer " + std::to_string(layer) + " do not reach another layer one by one through an activation.");
  }
  const Path& path = paths[0];
  const Tensor output = pass(checkpoint.run.model, sample, 0, *path.activation + 1);
  const int64_t count = output.size(-1);
  std::vector<LayerPart> parts = take_apart(checkpoint);
  std::vector<int64_t> recycled;
  for (int64_t unit = 0; unit < count; ++unit) {
    if (!units.empty() && std::ranges::find(units, unit) == units.end()) continue;
    const std::optional<double> constant = constant_output(output, unit);
    if (!constant || (*constant != 0 && !path.keeps_offset)) continue;
    recycled.push_back(unit);
    LayerPart& next = parts[path.next];
    if (*constant != 0) {
      ensure_bias(next);
      WeightTable table(next.find("weight")->value);
      std::vector<double> offsets(static_cast<size_t>(table.outputs));
      for (int64_t o = 0; o < table.outputs; ++o) {
        for (int64_t k = unit; k < table.columns; k += count) offsets[static_cast<size_t>(o)] += *constant * static_cast<double>(table.row(o)[k]);
      }
      add_to(next.find("bias")->value, offsets);
    }
    clear_outgoing(*next.find("weight"), unit, count);
    clear_incoming_moments(parts[path.layer], unit);
    if (path.normalisation) clear_incoming_moments(parts[*path.normalisation], unit);
  }
  if (recycled.empty()) refuse("recycle_units", "none of these units of layer " + std::to_string(layer) + " gives a constant on " + std::to_string(sample.size(0)) + " training samples.");

  TensorPart& weight = *parts[path.layer].find("weight");
  Tensor drawn = Tensor::empty(weight.value.shape());
  // Streams that nn::initialise() has no use for, a new one at each step.
  nn::fill(drawn, {nn::Init::lecun_normal, 0}, checkpoint.run.options.seed, (static_cast<uint64_t>(layer) + 1) << 40 | static_cast<uint64_t>(checkpoint.step));
  for (const int64_t unit : recycled) {
    WeightTable from(drawn), to(weight.value);
    std::copy_n(from.row(unit), from.columns, to.row(unit));
    if (TensorPart* bias = parts[path.layer].find("bias")) bias->value.data<float>()[unit] = 0;
    if (!path.normalisation) continue;
    // What arrives there is standardised, so that this passes it on.
    for (TensorPart& tensor : parts[*path.normalisation].tensors) tensor.value.data<float>()[unit] = tensor.name == "weight" || tensor.name == "running_var" ? 1.0f : 0.0f;
  }
  put_together(checkpoint, std::move(parts));
  nn::Sequential& model = checkpoint.run.model;
  standardise(weighted(model, path.layer), pass(model, sample, 0, path.layer), recycled);
}

void insert_normalisation(Checkpoint& checkpoint, std::optional<size_t> layer) {
  nn::Sequential& model = checkpoint.run.model;
  const int64_t batch = batch_for_normalisation(checkpoint);
  const Tensor sample = sample_inputs(checkpoint);
  std::vector<LayerPart> parts = take_apart(checkpoint);
  std::vector<Path> paths = paths_from(model, layer, "insert_normalisation");
  std::erase_if(paths, [&](const Path& path) {
    for (size_t place = path.layer; path.activation && place < *path.activation; ++place) {
      if (dynamic_cast<nn::Normalisation*>(&model[place])) return true;
    }
    return !path.activation;
  });
  if (paths.empty()) refuse("insert_normalisation", "there is no activation of a hidden layer here that has no normalisation before it.");
  // From behind, so that places before stay what they are.
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    const Spread sums = spread_of(pass(model, sample, 0, *path->activation));
    nn::BatchNorm module(static_cast<int64_t>(sums.mean.size()));
    for (size_t k = 0; k < sums.mean.size(); ++k) {
      const auto mean = static_cast<float>(sums.mean[k]), variance = static_cast<float>(sums.variance[k]);
      if (!std::isfinite(mean) || !std::isfinite(variance)) refuse("insert_normalisation", "the layers' outputs are not finite on the sample. Reinitialise the network.");
      module.running_mean.data<float>()[k] = module.bias.data<float>()[k] = mean;
      module.running_var.data<float>()[k] = variance;
      module.weight.data<float>()[k] = static_cast<float>(std::sqrt(static_cast<double>(variance) + module.epsilon));
    }
    LayerPart part{parse_specification(module.specification(), "network").or_throw(), {}};
    for (const NamedTensor& entry : module.state()) part.tensors.push_back({entry.name, entry.tensor, {}});
    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(*path->activation), std::move(part));
  }
  put_together(checkpoint, std::move(parts));
  if (batch != checkpoint.run.options.batch) change_batch(checkpoint, batch);
}

}  // namespace rectify::diagnose
