#include "rectify/nn/collapse.h"

#include "rectify/autograd/operations.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"

namespace rectify::nn {
namespace {

/// The slope and the value at 0 of an activation that is a straight line.
struct Line {
  double slope, offset;
};

std::optional<Line> straight(const activation::Function& f) {
  const activation::Spec& spec = activation::spec(f);
  if (!spec.piecewise_linear || !spec.kinks.empty()) return std::nullopt;
  return Line{activation::evaluate(f, 0.0, activation::slope), activation::evaluate(f, 0.0)};
}

}  // namespace

Tensor AffineMap::operator()(const Tensor& x) const {
  const NoGrad constant;
  return linear(x.to(DType::float64), weight, bias);
}

std::optional<AffineMap> collapse(Sequential& network) {
  const NoGrad constant;
  std::optional<AffineMap> map;
  for (size_t i = 0; i < network.size(); ++i) {
    if (auto* layer = dynamic_cast<Linear*>(&network[i])) {
      const Tensor weight = layer->weight.to(DType::float64);
      const Tensor bias = layer->bias.defined() ? layer->bias.to(DType::float64) : Tensor::zeros(Shape{weight.size(0)}, DType::float64);
      map = map ? AffineMap{matmul(weight, map->weight), reshape(linear(reshape(map->bias, {1, -1}), weight, bias), {-1})} : AffineMap{weight.clone(), bias.clone()};
    } else if (auto* activation = dynamic_cast<Activation*>(&network[i])) {
      const std::optional<Line> line = straight(activation->function());
      // A line before the first layer would need the number of inputs: no network of ours begins so.
      if (!line || !map) return std::nullopt;
      map->weight = map->weight * line->slope;
      map->bias = map->bias * line->slope + line->offset;
    } else if (!dynamic_cast<Dropout*>(&network[i]) && !dynamic_cast<Flatten*>(&network[i])) {
      return std::nullopt;
    }
  }
  return map;
}

}  // namespace rectify::nn
