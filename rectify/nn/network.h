// Networks from their text: `linear(256, init=he_normal), mish, dropout(0.2), linear(10)`.
//
//   linear(out, bias=true | false | 0.1 | normal(0.01), init=he_normal)   flatten   dropout(p=0.5)   every activation of the catalogue   every unit of activation/units.inc, on the last axis
#pragma once

#include <vector>

#include "rectify/base/specification.h"
#include "rectify/nn/sequential.h"

namespace rectify::nn {

/// Builds the network for samples of the given shape (without the batch axis); the inputs of each linear layer follow from what comes before.
/// Samples of more than one axis are flattened before the first linear layer. Weights are set by initialise(), not here.
/// Throws ArgumentError for an unknown layer (suggesting the nearest) or wrong arguments.
Sequential build(const std::vector<Specification>& layers, const Shape& sample_shape);

/// Number of outputs per sample of a network built for this sample shape; 0 if the last shape is not a vector.
int64_t output_size(Sequential& network, const Shape& sample_shape);

/// The layer names that build() knows, activations included.
std::vector<std::string> layer_names();

}  // namespace rectify::nn
