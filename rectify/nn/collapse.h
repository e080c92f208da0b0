// Why a network needs a bend: layers with linear activations between them are together one affine map.
#pragma once

#include <optional>

#include "rectify/nn/sequential.h"

namespace rectify::nn {

/// x -> x Wᵀ + b in float64.
struct AffineMap {
  Tensor weight;  ///< (out, in)
  Tensor bias;    ///< (out)

  /// The map's value for rows of x, any floating type; float64 (n, out).
  Tensor operator()(const Tensor& x) const;
};

/// The single affine map that the network computes if every activation in it is a straight line (identity, affine); nullopt if one bends or a layer is not known
/// to be affine in evaluation mode. With layers W1, b1, ... and activations a x + c between them: W = Wn ... (a W2)(a W1), composed in float64.
std::optional<AffineMap> collapse(Sequential& network);

}  // namespace rectify::nn
