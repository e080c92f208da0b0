// Units that never say anything, taken out without changing a bit of what the network says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/nn/sequential.h"

namespace rectify::diagnose {

/// What was found in one layer with weights.
struct PrunedLayer {
  size_t layer = 0;                 ///< number among the layers with weights, from 0
  std::string text;                 ///< as it was: "linear(256)"
  int64_t units = 0;                ///< it had
  std::vector<int64_t> removed;     ///< those taken out, ascending
  int64_t silent = 0;               ///< units whose output is 0 for every sample, removed or not
  std::string reason;               ///< why silent ones stay; "" if none does
};

struct Pruned {
  nn::Sequential model;
  std::vector<PrunedLayer> layers;  ///< all layers with weights that have another one after them
  int64_t parameters_before = 0, parameters_after = 0;
};

/// Takes out the units of linear layers and convolutions whose output, after the activation, is exactly 0 for every row of `input` (samples, features), if they reach another such layer one by one:
/// through pooling, flatten, dropout and, before the activation, batch normalisation. In evaluation mode the outputs for these samples are the same bits.
///
/// A term 0 w leaves a chain of fused multiply-adds as it is. But a sum of more than 512 terms is made of chains of 512 (kernel/gemm.h), and taking out a term moves later ones from chain to
/// chain, which rounds differently. Where the next layer sums more than that, silent units are taken out only where no chain but the last one changes: those of the last chain that has
/// others in it, and chains of nothing but silent units. What remains, signs of zeros and weights that are not finite, is found by comparing all outputs; a layer that would change a bit stays.
///
/// Throws ArgumentError if a module has no text of its own, or `input` has no rows.
Pruned prune(const nn::Sequential& model, const Tensor& input);

}  // namespace rectify::diagnose
