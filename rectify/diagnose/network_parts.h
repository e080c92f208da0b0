// A checkpoint's network taken apart, layer by layer, and put together again: how remedies change layers without losing what the others have learned. For the files of this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/base/specification.h"
#include "rectify/diagnose/repair.h"
#include "rectify/nn/layers.h"

namespace rectify::diagnose {

/// A parameter or buffer, and what the optimiser remembers of it under the names of its moments; nothing before its first step.
struct TensorPart {
  std::string name;
  Tensor value;
  std::vector<NamedTensor> moments;
};

/// A layer as it is written, with its tensors. One that is not listed begins as the layer makes it, and without moments.
struct LayerPart {
  Specification text;
  std::vector<TensorPart> tensors;

  TensorPart* find(std::string_view name);
};

/// The layers of a network; all tensors are copies. Throws ArgumentError if a module inside has no text of its own.
std::vector<LayerPart> take_apart(const nn::Sequential& model);
/// With what the checkpoint's optimiser remembers.
std::vector<LayerPart> take_apart(const Checkpoint& checkpoint);

/// The network of the parts, for samples of this shape (see nn::build).
nn::Sequential build_of(std::vector<LayerPart> parts, const Shape& sample_shape, const Shape& image_shape = Shape());
/// Makes the checkpoint's network of the parts, with the same optimiser and its moments, and writes both into its configuration.
void put_together(Checkpoint& checkpoint, std::vector<LayerPart> parts);

/// Takes the argument of that name away.
void remove_argument(Specification& specification, std::string_view name);
/// Sets a named argument, after the others if it was not there.
void set_argument(Specification& specification, std::string_view name, const std::variant<Number, Specification>& value);

/// Gives the optimiser these options in addition, keeping its moments: "clip" = 1.
void set_optimiser_option(Checkpoint& checkpoint, std::string_view name, double value);

/// Where in the network the layers with weights stand: entry i is number i of WatchLog::layers.
std::vector<size_t> weighted_places(nn::Sequential& model);
/// The layer at that place. Throws ArgumentError naming the remedy if there is none of that number.
size_t place_of(nn::Sequential& model, size_t layer, const char* remedy);
nn::WeightedLayer& weighted(nn::Sequential& model, size_t place);

/// A layer whose units reach another layer with weights: the path that a change of the first has to follow.
struct Path {
  size_t layer = 0, next = 0;              ///< places
  std::optional<size_t> activation = std::nullopt;     ///< the first after the layer
  std::optional<size_t> normalisation = std::nullopt;  ///< batch normalisation before the activation
  bool keeps_units = true;                 ///< each unit arrives by itself, as one channel or one of its pixels: input k of the next layer is unit k mod units
  bool keeps_offset = true;                ///< what is added to all outputs of the activation arrives as it was: no zeros in between, neither padding nor dropout
  bool keeps_factor = true;                ///< nor does a factor > 0 change
};
/// Nothing after the last layer with weights.
std::optional<Path> path_from(nn::Sequential& model, size_t layer);

/// Up to 512 training samples in the order of the epoch that the checkpoint is in.
Tensor sample_inputs(const Checkpoint& checkpoint);
/// What arrives at place `end` when x arrives at place `begin`, in evaluation mode and not recorded.
Tensor pass(nn::Sequential& model, const Tensor& x, size_t begin, size_t end);

/// Mean and (population) variance over all axes but the last, in float64, in the order of the rows.
struct Spread {
  std::vector<double> mean, variance;
};
Spread spread_of(const Tensor& x);

}  // namespace rectify::diagnose
