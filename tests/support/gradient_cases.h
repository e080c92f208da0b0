// Every differentiable primitive as a function to check: a new one is added here and is then checked at every order and on every path.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rectify/autograd/operations.h"

namespace rectify::test {

struct GradientCase {
  std::string name;
  std::function<Tensor(std::span<const Tensor>)> function;
  std::vector<Tensor> inputs;
};

/// float64 numbers spread over (low, high), none of them near a kink at an integer.
Tensor spread(const Shape& shape, double low, double high, uint64_t ordinal);

/// The primitives of autograd/operations.h and the losses.
std::vector<GradientCase> primitive_cases();
/// Convolution, pooling and normalisation.
std::vector<GradientCase> image_cases();
/// The row-wise and gated units, with every operand and learned parameter.
std::vector<GradientCase> unit_cases();
/// One case per activation of the catalogue, and one per learned parameter.
std::vector<GradientCase> activation_cases();

}  // namespace rectify::test
