#include "rectify/nn/network.h"

#include "rectify/base/error.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/units.h"

namespace rectify::nn {
namespace {

Linear make_linear(const Specification& specification, int64_t in) {
  ArgumentReader arguments(specification);
  const int64_t out = arguments.integer("out_features");
  LinearOptions options;
  // `bias=` is true, false, a number or an initialisation.
  for (const Argument& argument : specification.arguments) {
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
  arguments.finish();
  if (out < 1 || out > 1'000'000'000) throw ArgumentError("[linear] the number of outputs must be at least 1, not " + std::to_string(out) + ".");
  return Linear(in, out, options);
}

template <class M>
M without_arguments(const Specification& specification) {
  ArgumentReader(specification).finish();
  return M{};
}

}  // namespace

std::vector<std::string> layer_names() {
  std::vector<std::string> result = {"linear", "flatten", "dropout"};
  for (const std::string& name : activation::unit_names()) result.push_back(name);
  for (const std::string& name : activation::names()) result.push_back(name);
  result.emplace_back(activation::spec(activation::Id::formula).name);
  return result;
}

Sequential build(const std::vector<Specification>& layers, const Shape& sample_shape) {
  if (layers.empty()) throw ArgumentError("[network] there are no layers. Write for example linear(64), relu, linear(10).");
  Sequential network;
  Shape shape = sample_shape;
  for (const Specification& layer : layers) {
    if (layer.name == "linear") {
      if (shape.rank() != 1) {
        network.append(Flatten{});
        shape = Shape{shape.count()};
      }
      shape = Shape{network.append(make_linear(layer, shape.count())).weight.size(0)};
    } else if (layer.name == "flatten") {
      network.append(without_arguments<Flatten>(layer));
      shape = Shape{shape.count()};
    } else if (layer.name == "dropout") {
      ArgumentReader arguments(layer);
      const double p = arguments.number("p", 0.5);
      arguments.finish();
      network.append(Dropout(p));
    } else if (const auto unit = activation::find_unit(layer.name)) {
      shape = shape_after_unit(layer, shape);
      append_unit(network, *unit, layer);
    } else if (activation::find(layer.name) || layer.name == activation::spec(activation::Id::formula).name) {
      network.append(Activation(activation::from_specification(layer).or_throw()));
    } else {
      throw ArgumentError("[network] there is no layer or activation '" + layer.name + "'." + did_you_mean(layer.name, layer_names()));
    }
  }
  return network;
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
