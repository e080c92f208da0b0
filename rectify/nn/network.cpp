#include "rectify/nn/network.h"

#include <algorithm>
#include <array>

#include "rectify/base/error.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layer_plan.h"
#include "rectify/nn/normalisations.h"
#include "rectify/nn/units.h"

namespace rectify::nn {
namespace {

LayerPlan plan_linear(const Specification& layer, const Arriving& input) {
  ArgumentReader arguments(layer);
  const int64_t out = arguments.integer("out_features"), in = input.shape.count();
  const LinearOptions options = weight_options(layer, arguments);
  arguments.finish();
  if (out < 1 || out > 1'000'000'000) throw ArgumentError("[linear] the number of outputs must be at least 1, not " + std::to_string(out) + ".");
  const bool flat = input.shape.rank() == 1;
  return {Shape{out}, static_cast<double>(in) * static_cast<double>(out), [=](Sequential& network) {
            if (!flat) network.append(Flatten{});
            network.append(Linear(in, out, options));
          }, true};
}

LayerPlan plan_flatten(const Specification& layer, const Arriving& input) {
  ArgumentReader(layer).finish();
  return plan_of(Flatten{}, Shape{input.shape.count()});
}

LayerPlan plan_dropout(const Specification& layer, const Arriving& input) {
  ArgumentReader arguments(layer);
  const double p = arguments.number("p", 0.5);
  arguments.finish();
  return plan_of(Dropout(p), input.shape);
}

/// The features that a normalisation finds on the last axis.
int64_t features_of(const Specification& layer, const Arriving& input) {
  if (input.shape.rank() < 1) throw ArgumentError("[" + layer.name + "] needs samples with at least one axis.");
  return input.shape[-1];
}

LayerPlan plan_batch_norm(const Specification& layer, const Arriving& input) {
  const int64_t features = features_of(layer, input);
  ArgumentReader arguments(layer);
  BatchNormOptions options;
  options.momentum = arguments.number("momentum", options.momentum);
  options.epsilon = arguments.number("epsilon", options.epsilon);
  options.affine = arguments.boolean("affine", true);
  arguments.finish();
  BatchNorm(1, options);  // says what is wrong with them
  return {input.shape, static_cast<double>(features) * (options.affine ? 3 : 2), [=](Sequential& network) { network.append(BatchNorm(features, options)); }};
}

LayerPlan plan_layer_norm(const Specification& layer, const Arriving& input) {
  const int64_t features = features_of(layer, input);
  ArgumentReader arguments(layer);
  LayerNormOptions options;
  options.epsilon = arguments.number("epsilon", options.epsilon);
  options.affine = arguments.boolean("affine", true);
  arguments.finish();
  LayerNorm(1, options);
  return {input.shape, options.affine ? static_cast<double>(features) : 0, [=](Sequential& network) { network.append(LayerNorm(features, options)); }};
}

constexpr std::array basic_layers = {LayerName{"linear", "linear", plan_linear}, LayerName{"flatten", "flatten", plan_flatten},
                                     LayerName{"dropout", "dropout", plan_dropout}, LayerName{"batch_norm", "batch_norm", plan_batch_norm},
                                     LayerName{"layer_norm", "layer_norm", plan_layer_norm}};

const LayerName* find_layer(std::string_view name) {
  for (const std::span<const LayerName> table : {std::span<const LayerName>(basic_layers), image_layer_names()}) {
    const auto found = std::ranges::find(table, name, &LayerName::name);
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

LayerPlan plan(const Specification& layer, const Arriving& input) {
  if (const LayerName* known = find_layer(layer.name)) {
    Specification named = layer;
    named.name = known->canonical;
    return known->plan(named, input);
  }
  if (const auto unit = activation::find_unit(layer.name)) {
    return {shape_after_unit(layer, input.shape), 0, [layer, id = *unit](Sequential& network) { append_unit(network, id, layer); }};
  }
  if (activation::find(layer.name) || layer.name == activation::spec(activation::Id::formula).name) {
    return {input.shape, 0, [layer](Sequential& network) { network.append(Activation(activation::from_specification(layer).or_throw())); }};
  }
  throw ArgumentError("[network] there is no layer or activation '" + layer.name + "'." + did_you_mean(layer.name, layer_names()));
}

/// Calls visit(plan) for each layer.
template <class Visit>
void walk(const std::vector<Specification>& layers, Arriving input, Visit visit) {
  for (const Specification& layer : layers) {
    const LayerPlan planned = plan(layer, input);
    visit(planned);
    if (planned.mixes || planned.shape != input.shape) input.image = Shape();
    input.shape = planned.shape;
  }
}

}  // namespace

LinearOptions weight_options(const Specification& layer, ArgumentReader& arguments) {
  LinearOptions options;
  for (const Argument& argument : layer.arguments) {
    if (argument.name != "bias") continue;
    if (const auto* value = std::get_if<Number>(&argument.value)) {
      arguments.number("bias");
      options.bias_init = Initialiser{Init::constant, value->value};
    } else if (const auto& nested = std::get<Specification>(argument.value); nested.name == "true" || nested.name == "false") {
      options.bias = arguments.boolean("bias");
    } else {
      options.bias_init = initialiser_from(*arguments.specification("bias"));
    }
  }
  if (const auto init = arguments.specification("init")) options.init = initialiser_from(*init);
  return options;
}

std::vector<std::string> layer_names() {
  std::vector<std::string> result;
  for (const LayerName& layer : basic_layers) result.emplace_back(layer.name);
  for (const LayerName& layer : image_layer_names()) result.emplace_back(layer.name);
  for (const std::string& name : activation::unit_names()) result.push_back(name);
  for (const std::string& name : activation::names()) result.push_back(name);
  result.emplace_back(activation::spec(activation::Id::formula).name);
  return result;
}

Sequential build(const std::vector<Specification>& layers, const Shape& sample_shape, const Shape& image_shape) {
  if (layers.empty()) throw ArgumentError("[network] there are no layers. Write for example linear(64), relu, linear(10).");
  Sequential network;
  walk(layers, {sample_shape, image_shape}, [&](const LayerPlan& planned) { planned.append(network); });
  return network;
}

double weight_count(const std::vector<Specification>& layers, const Shape& sample_shape) {
  double count = 0;
  walk(layers, {sample_shape, Shape()}, [&](const LayerPlan& planned) { count += planned.weights; });
  return count;
}

int64_t output_size(Sequential& network, const Shape& sample_shape) {
  std::vector<int64_t> sizes{1};
  sizes.insert(sizes.end(), sample_shape.sizes().begin(), sample_shape.sizes().end());
  const NoGrad constant;
  const bool training = network.training();
  network.evaluate();
  const Tensor output = network(Tensor::zeros(Shape(sizes)));
  network.train(training);
  return output.rank() == 2 ? output.size(1) : 0;
}

}  // namespace rectify::nn
