#include "rectify/diagnose/weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/nn/image_layers.h"

namespace rectify::diagnose {
namespace {

/// What rows are multiplied with so that a variance becomes the wanted one.
double factor_for(double variance, double wanted = 1) {
  const double factor = std::sqrt(wanted / variance);
  return variance > 0 && std::isfinite(factor) ? factor : 1.0;
}

/// What the unit sums becomes factor (sum - mean) + wanted.
void scale_row(nn::WeightedLayer& layer, size_t unit, double factor, double mean, double wanted = 0) {
  WeightTable table(layer.weight);
  float* row = table.row(static_cast<int64_t>(unit));
  for (int64_t k = 0; k < table.columns; ++k) row[k] = static_cast<float>(factor * static_cast<double>(row[k]));
  if (!layer.bias.defined()) return;
  float& bias = layer.bias.data<float>()[unit];
  bias = static_cast<float>(factor * (static_cast<double>(bias) - mean) + wanted);
}

Spread spread_of_sums(nn::WeightedLayer& layer, const Tensor& input) {
  const NoGrad constant;
  return spread_of(layer.forward(input));
}

}  // namespace

int64_t input_of(const nn::WeightedLayer& layer, int64_t output, int64_t column) {
  const auto* convolution = dynamic_cast<const nn::Conv2d*>(&layer);
  if (!convolution) return column;
  const int64_t channels = layer.weight.size(-1), outputs_per_group = layer.weight.size(0) / convolution->convolution.groups;
  return output / outputs_per_group * channels + column % channels;
}

void add_to(Tensor& bias, const std::vector<double>& by) {
  float* values = bias.data<float>();
  for (size_t i = 0; i < by.size(); ++i) values[i] = static_cast<float>(static_cast<double>(values[i]) + by[i]);
}

void ensure_bias(LayerPart& part) {
  if (part.find("bias")) return;
  remove_argument(part.text, "bias");
  Tensor bias = Tensor::zeros(Shape{part.find("weight")->value.size(0)});
  bias.set_requires_grad(true);
  part.tensors.push_back({"bias", bias, {}});
}

void standardise(nn::WeightedLayer& layer, const Tensor& input) {
  const Spread sums = spread_of_sums(layer, input);
  const double total = std::accumulate(sums.variance.begin(), sums.variance.end(), 0.0);
  const double factor = factor_for(total / static_cast<double>(sums.variance.size()));
  for (size_t unit = 0; unit < sums.mean.size(); ++unit) scale_row(layer, unit, factor, sums.mean[unit]);
}

void standardise(nn::WeightedLayer& layer, const Tensor& input, std::span<const int64_t> units) {
  const Spread sums = spread_of_sums(layer, input);
  for (const int64_t unit : units) scale_row(layer, static_cast<size_t>(unit), factor_for(sums.variance[static_cast<size_t>(unit)]), sums.mean[static_cast<size_t>(unit)]);
}

void fit_sums(nn::WeightedLayer& layer, const Tensor& input, const Spread& wanted) {
  const Spread sums = spread_of_sums(layer, input);
  for (size_t unit = 0; unit < sums.mean.size(); ++unit) scale_row(layer, unit, factor_for(sums.variance[unit], wanted.variance[unit]), sums.mean[unit], wanted.mean[unit]);
}

}  // namespace rectify::diagnose
