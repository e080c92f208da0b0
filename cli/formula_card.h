// What `rectify activations` says of an activation that is written as text.
#pragma once

#include <string>

#include "cli/output.h"
#include "rectify/activation/catalogue.h"

namespace rectify::cli {

Json described_formula(const activation::Function& function);
std::string formula_card(const activation::Function& function);

}  // namespace rectify::cli
