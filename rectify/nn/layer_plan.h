// What a layer of the grammar makes of its input, found before anything is allocated. For network.cpp and its tables.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "rectify/base/specification.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/sequential.h"

namespace rectify::nn {

/// What arrives at a layer: the shape of one sample, and, if that is a row of numbers which once was an image, the image's.
struct Arriving {
  Shape shape, image;
};

struct LayerPlan {
  Shape shape;                               ///< of one sample after it
  double weights = 0;                        ///< how many numbers it holds, biases not counted
  std::function<void(Sequential&)> append;   ///< makes it, and whatever has to come before it
  bool mixes = false;                        ///< its outputs are no image even if they are as many as the inputs
};

/// A name of the grammar. An alias is planned, and named in messages, as what it stands for.
struct LayerName {
  std::string_view name, canonical;
  LayerPlan (*plan)(const Specification& layer, const Arriving& input);
};

/// The layers of image_plans.cpp.
std::span<const LayerName> image_layer_names();

/// Reads `bias=` (true, false, a number or an initialisation) and `init=`, both named only.
LinearOptions weight_options(const Specification& layer, ArgumentReader& arguments);

/// A plan for a module that holds no weights and gives this shape.
template <class M>
LayerPlan plan_of(M module, const Shape& shape) {
  return {shape, 0, [module = std::move(module)](Sequential& network) { network.append(module); }};
}

}  // namespace rectify::nn
