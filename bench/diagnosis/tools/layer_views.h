// What the rules of others look at: outputs, weights and gradients of the layers on one batch, taken aside by a pass of their own that leaves the model as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/data/dataset.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/module.h"

namespace bench::diagnosis {

/// A layer with weights, in the order of the network.
struct LayerView {
  rectify::Tensor weight;           ///< the model's own
  rectify::Tensor gradient;         ///< of the weight; undefined if none was asked for, or the layer is frozen
  rectify::Tensor pre_activation;   ///< of the batch, units along the last axis
  rectify::Tensor output;           ///< after the activation
  std::optional<rectify::activation::Function> activation;
  double loss = 0;                  ///< of the batch; the same for all layers

  /// The catalogue's name of the activation, "" without one.
  std::string activation_name() const;
  int64_t units() const { return output.size(-1); }
};

/// The first samples of a part.
rectify::data::Part first_samples(const rectify::data::Part& part, int64_t count);

/// One forward pass over the batch in evaluation mode, with gradients or without.
std::vector<LayerView> view_layers(rectify::nn::Module& model, const rectify::data::Part& batch, rectify::nn::Loss loss, bool with_gradients);

double mean_of(const rectify::Tensor& tensor);
double mean_magnitude(const rectify::Tensor& tensor);
double variance_of(const rectify::Tensor& tensor);
bool has_non_finite(const rectify::Tensor& tensor);
/// The share of all elements for which the predicate holds.
double share_of(const rectify::Tensor& tensor, const std::function<bool(float)>& predicate);
/// The same for each unit along the last axis.
std::vector<double> share_by_unit(const rectify::Tensor& tensor, const std::function<bool(float)>& predicate);
/// The share of the units for which the number is below the limit.
double share_below(const std::vector<double>& numbers, double limit);

}  // namespace bench::diagnosis
