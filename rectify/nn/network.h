// Networks from their text: `conv(32, kernel=3), relu, max_pool(2), linear(256, init=he_normal), mish, dropout(0.2), linear(10)`.
//
//   linear(out, bias=true | false | 0.1 | normal(0.01), init=he_normal)   flatten   dropout(p=0.5)   every activation of the catalogue   every unit of activation/units.inc, on the last axis
//   conv2d(out, kernel, stride=1, padding=0 | same, dilation=1, groups=1, bias=, init=)   max_pool2d(kernel, stride=kernel, padding=0)   global_avg_pool2d
//   avg_pool2d(kernel, stride=kernel, padding=0, count_include_pad=true)   unflatten(height, width, channels=1)
//   batch_norm(momentum=0.1, epsilon=1e-5, affine=true)   layer_norm(epsilon=1e-5, affine=true)
//
// A size is a number or size(height, width). `conv`, `max_pool`, `avg_pool` and `global_avg_pool` are names of the same layers.
#pragma once

#include <vector>

#include "rectify/base/specification.h"
#include "rectify/nn/sequential.h"

namespace rectify::nn {

/// Builds the network for samples of the given shape (without the batch axis); the inputs of each layer follow from what comes before.
/// Samples of more than one axis are flattened before the first linear layer. Before a layer for images, samples of the shape (height, width) get an axis for one
/// channel, and rows of numbers become the images that they were made of: `image_shape`, (height, width) or (height, width, channels); both by an unflatten layer.
/// Weights are set by initialise(), not here. Throws ArgumentError for an unknown layer (suggesting the nearest) or wrong arguments.
Sequential build(const std::vector<Specification>& layers, const Shape& sample_shape, const Shape& image_shape = Shape());

/// The number of weights (running statistics too) that the layers of such a network hold, biases not counted; nothing is allocated. Throws as build() does.
double weight_count(const std::vector<Specification>& layers, const Shape& sample_shape);

/// Number of outputs per sample of a network built for this sample shape; 0 if the last shape is not a vector.
int64_t output_size(Sequential& network, const Shape& sample_shape);

/// The layer names that build() knows, activations included.
std::vector<std::string> layer_names();

}  // namespace rectify::nn
