#include "rectify/diagnose/network_parts.h"

#include <algorithm>

#include "rectify/data/loader.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/network.h"
#include "rectify/nn/normalisations.h"
#include "rectify/train/model_state.h"

namespace rectify::diagnose {
namespace {

constexpr int64_t sample_size = 512;

std::vector<Specification> layers_of(const nn::Sequential& model) {
  std::vector<Specification> layers;
  for (size_t i = 0; i < model.size(); ++i) {
    const std::string text = model[i].specification();
    const auto parsed = text.empty() ? Result<std::vector<Specification>>(Failure{""}) : parse_specification_list(text, "network");
    if (!parsed || parsed->size() != 1) {
      throw ArgumentError("[repair] module " + std::to_string(i) + " of the network has no text of its own in the grammar of networks. Remedies change networks that are written as text.");
    }
    layers.push_back(parsed->front());
  }
  return layers;
}

/// The optimiser of the checkpoint with these texts instead, for its model as it is now.
void remake_optimiser(Checkpoint& checkpoint, const std::string& text, std::span<const NamedTensor> state) {
  train::Prepared& run = checkpoint.run;
  run.optimiser = train::make_optimiser(parse_specification(text, "--optimiser").or_throw(), run.model.parameters());
  run.optimiser->load_state(state);
  run.configuration.optimiser = run.optimiser->specification();
}

/// "3.", as the optimiser names the moments of parameter `name` of the module at `place`; nothing for a buffer.
std::optional<std::string> parameter_number(const std::vector<NamedTensor>& parameters, size_t place, const std::string& name) {
  const auto found = std::ranges::find(parameters, std::to_string(place) + "." + name, &NamedTensor::name);
  if (found == parameters.end()) return std::nullopt;
  return std::to_string(found - parameters.begin()) + ".";
}

bool has_padding(const Extent& padding) { return padding.height != 0 || padding.width != 0; }

/// What a module between a layer and the next one does to the layer's units.
void follow(nn::Module& module, size_t place, Path& path) {
  if (dynamic_cast<nn::Activation*>(&module) && !path.activation) {
    path.activation = place;
    path.keeps_offset = path.keeps_factor = true;  // what came before acts on the activation's input
  } else if (dynamic_cast<nn::BatchNorm*>(&module) && !path.activation && !path.normalisation) {
    path.normalisation = place;
  } else if (dynamic_cast<nn::Dropout*>(&module)) {
    path.keeps_offset = false;
  } else if (const auto* average = dynamic_cast<nn::AvgPool2d*>(&module)) {
    if (has_padding(average->options.padding) && average->options.count_include_pad) path.keeps_offset = false;
  } else if (dynamic_cast<nn::Unflatten*>(&module)) {
    path.keeps_units = false;
  } else if (!dynamic_cast<nn::MaxPool2d*>(&module) && !dynamic_cast<nn::GlobalAvgPool2d*>(&module) && !dynamic_cast<nn::Flatten*>(&module)) {
    path.keeps_units = path.keeps_offset = path.keeps_factor = false;
  }
}

}  // namespace

TensorPart* LayerPart::find(std::string_view name) {
  const auto found = std::ranges::find(tensors, name, &TensorPart::name);
  return found == tensors.end() ? nullptr : &*found;
}

std::vector<LayerPart> take_apart(const nn::Sequential& network) {
  nn::Sequential model = nn::clone(network);
  std::vector<LayerPart> parts;
  for (const Specification& text : layers_of(model)) parts.push_back({text, {}});
  for (size_t i = 0; i < model.size(); ++i) {
    for (const NamedTensor& entry : model[i].state()) parts[i].tensors.push_back({entry.name, entry.tensor, {}});
  }
  return parts;
}

std::vector<LayerPart> take_apart(const Checkpoint& checkpoint) {
  nn::Sequential model = checkpoint.run.model;
  std::vector<LayerPart> parts = take_apart(model);
  const std::vector<NamedTensor> moments = checkpoint.run.optimiser->state(), parameters = model.named_parameters();
  for (size_t i = 0; i < parts.size(); ++i) {
    for (TensorPart& part : parts[i].tensors) {
      const std::optional<std::string> number = parameter_number(parameters, i, part.name);
      for (const NamedTensor& moment : moments) {
        if (number && moment.name.starts_with(*number)) part.moments.push_back({moment.name.substr(number->size()), moment.tensor});
      }
    }
  }
  return parts;
}

nn::Sequential build_of(std::vector<LayerPart> parts, const Shape& sample_shape, const Shape& image_shape) {
  std::vector<Specification> texts;
  for (const LayerPart& part : parts) texts.push_back(part.text);
  nn::Sequential model = nn::build(texts, sample_shape, image_shape);
  if (model.size() != parts.size()) {
    throw ArgumentError("[repair] " + std::to_string(parts.size()) + " layers became a network of " + std::to_string(model.size()) + ". The layers do not follow on each other.");
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    for (auto& [name, tensor] : model[i].state()) {
      const TensorPart* part = parts[i].find(name);
      if (!part) continue;
      Tensor own = tensor;
      own.copy_from(part->value.detach());
      own.set_requires_grad(part->value.requires_grad());
    }
  }
  return model;
}

void put_together(Checkpoint& checkpoint, std::vector<LayerPart> parts) {
  train::Prepared& run = checkpoint.run;
  run.model = build_of(parts, Shape{run.data.input_count()}, run.data.sample_shape());
  run.configuration.network = run.model.specification();
  std::vector<NamedTensor> state{{"steps", Tensor::from(std::vector<int64_t>{run.optimiser->steps()}, Shape{1})}};
  const std::vector<NamedTensor> parameters = run.model.named_parameters();
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const TensorPart& part : parts[i].tensors) {
      const std::optional<std::string> number = parameter_number(parameters, i, part.name);
      for (const NamedTensor& moment : part.moments) {
        if (number) state.push_back({*number + moment.name, moment.tensor});
      }
    }
  }
  remake_optimiser(checkpoint, run.optimiser->specification(), state);
}

void remove_argument(Specification& specification, std::string_view name) {
  std::erase_if(specification.arguments, [&](const Argument& argument) { return argument.name == name; });
}

void set_argument(Specification& specification, std::string_view name, const std::variant<Number, Specification>& value) {
  const auto found = std::ranges::find(specification.arguments, name, &Argument::name);
  if (found != specification.arguments.end()) {
    found->value = value;
  } else {
    specification.arguments.push_back({.name = std::string(name), .value = value});
  }
}

void set_optimiser_option(Checkpoint& checkpoint, std::string_view name, double value) {
  Specification text = parse_specification(checkpoint.run.optimiser->specification(), "--optimiser").or_throw();
  set_argument(text, name, number(value));
  remake_optimiser(checkpoint, to_string(text), checkpoint.run.optimiser->state());
}

std::vector<size_t> weighted_places(nn::Sequential& model) {
  std::vector<size_t> places;
  for (size_t i = 0; i < model.size(); ++i) {
    if (dynamic_cast<nn::WeightedLayer*>(&model[i])) places.push_back(i);
  }
  return places;
}

size_t place_of(nn::Sequential& model, size_t layer, const char* remedy) {
  const std::vector<size_t> places = weighted_places(model);
  if (layer < places.size()) return places[layer];
  throw ArgumentError("[" + std::string(remedy) + "] there is no layer " + std::to_string(layer) + ": the network has " + std::to_string(places.size()) +
                      " layers with weights, counted from 0.");
}

nn::WeightedLayer& weighted(nn::Sequential& model, size_t place) { return dynamic_cast<nn::WeightedLayer&>(model[place]); }

std::optional<Path> path_from(nn::Sequential& model, size_t layer) {
  Path path{.layer = layer};
  for (size_t place = layer + 1; place < model.size(); ++place) {
    if (!dynamic_cast<nn::WeightedLayer*>(&model[place])) {
      follow(model[place], place, path);
      continue;
    }
    path.next = place;
    if (const auto* convolution = dynamic_cast<nn::Conv2d*>(&model[place])) {
      if (has_padding(convolution->convolution.padding)) path.keeps_offset = false;
      if (convolution->convolution.groups != 1) path.keeps_units = false;
    }
    return path;
  }
  return std::nullopt;
}

Tensor sample_inputs(const Checkpoint& checkpoint) {
  const train::TrainOptions& options = checkpoint.run.options;
  const int64_t steps_per_epoch = data::Loader(checkpoint.run.data.train, {.batch = options.batch}).num_batches();
  data::Loader loader(checkpoint.run.data.train, {.batch = sample_size, .seed = options.seed});
  loader.set_epoch(static_cast<uint64_t>(checkpoint.step / std::max<int64_t>(steps_per_epoch, 1)));
  return loader.begin()->input;
}

Tensor pass(nn::Sequential& model, const Tensor& x, size_t begin, size_t end) {
  const NoGrad constant;
  const train::EvaluationMode mode(model);
  Tensor value = x;
  for (size_t i = begin; i < end; ++i) value = model[i](value);
  return value;
}

Spread spread_of(const Tensor& x) {
  const int64_t features = x.size(-1), rows = x.size() / std::max<int64_t>(features, 1);
  const auto n = static_cast<double>(rows);
  const auto width = static_cast<size_t>(features);
  Spread spread{std::vector<double>(width), std::vector<double>(width)};
  dispatch_floating(x.dtype(), "repair", [&](auto zero) {
    const auto* values = x.data<decltype(zero)>();
    for (int64_t i = 0; i < rows; ++i) {
      for (size_t k = 0; k < width; ++k) spread.mean[k] += static_cast<double>(values[i * features + static_cast<int64_t>(k)]);
    }
    for (double& mean : spread.mean) mean /= n;
    for (int64_t i = 0; i < rows; ++i) {
      for (size_t k = 0; k < width; ++k) {
        const double distance = static_cast<double>(values[i * features + static_cast<int64_t>(k)]) - spread.mean[k];
        spread.variance[k] += distance * distance;
      }
    }
    for (double& variance : spread.variance) variance /= n;
  });
  return spread;
}

}  // namespace rectify::diagnose
