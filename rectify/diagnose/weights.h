// The weights of a layer as a table of outputs and inputs, whether it is linear or a convolution. For the files of this folder.
#pragma once

#include <vector>

#include "rectify/diagnose/network_parts.h"

namespace rectify::diagnose {

/// Row o is what output o sums; a convolution's columns are kernel row, kernel column and channel. float32.
struct WeightTable {
  Tensor tensor;
  int64_t outputs = 0, columns = 0;

  explicit WeightTable(const Tensor& weight) : tensor(weight), outputs(weight.size(0)), columns(weight.size() / weight.size(0)) {}
  float* row(int64_t output) { return tensor.data<float>() + output * columns; }
};

/// The feature of its input, along the last axis, that column `column` of row `output` is multiplied with.
int64_t input_of(const nn::WeightedLayer& layer, int64_t output, int64_t column);

/// Adds the numbers to a bias, one per output.
void add_to(Tensor& bias, const std::vector<double>& by);

/// A layer without a bias gets one of zeros.
void ensure_bias(LayerPart& part);

/// Scales the layer's rows and sets its bias so that what its units sum over these inputs has mean 0, where there is a bias, and variance 1: on average over the units or, of the units
/// that are listed, each. Units that sum a constant are only centred.
void standardise(nn::WeightedLayer& layer, const Tensor& input);
void standardise(nn::WeightedLayer& layer, const Tensor& input, std::span<const int64_t> units);

/// Scales the layer's rows and sets its bias so that what each unit sums over these inputs has the wanted mean and variance.
void fit_sums(nn::WeightedLayer& layer, const Tensor& input, const Spread& wanted);

}  // namespace rectify::diagnose
