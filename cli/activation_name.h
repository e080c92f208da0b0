// Activations as the command line names them.
#pragma once

#include <span>
#include <string>

#include "rectify/activation/catalogue.h"

namespace rectify::cli {

/// Reads `mish` or `leaky_relu(0.2)`, with further parameters as `name=value` texts (those of --param). Throws ArgumentError.
activation::Function activation_named(const std::string& text, std::span<const std::string> parameters = {});

}  // namespace rectify::cli
