// The row-wise and gated units as text and as JSON.
#pragma once

#include <string>

#include "cli/activation_text.h"
#include "rectify/activation/units.h"

namespace rectify::cli {

Rows unit_rows(activation::UnitId id);
Json unit_json(activation::UnitId id);

/// The section of the listing: a title, then names and formulas.
std::string unit_list();

}  // namespace rectify::cli
