// Activations as the command line names them.
#pragma once

#include <span>
#include <string>

#include "rectify/activation/catalogue.h"

namespace rectify::cli {

/// Reads `mish`, `leaky_relu(0.2)` or a formula such as `x*sigmoid(beta*x)`, with further parameters as `name=value` texts (those of --param). Throws ArgumentError.
activation::Function activation_named(const std::string& text, std::span<const std::string> parameters = {});

}  // namespace rectify::cli
