// An activation in words and as JSON: what the catalogue says of it and what is computed. The same rows stand on the terminal and on the cards of docs/activations.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/output.h"
#include "rectify/activation/properties.h"

namespace rectify::cli {

/// A heading and what stands beside it, in the order in which they are shown.
using Rows = std::vector<std::pair<std::string, std::string>>;

/// Name, formula, parameters, limits as they are written in the catalogue, other names, source.
Rows definition_rows(const activation::Function& function);

/// Everything properties() finds.
Rows property_rows(const activation::Properties& properties);

/// The formula with the parameters' values in place of their names: "where(x > 0, x, 0.2*x)".
std::string formula_with_values(const activation::Function& function);

/// The catalogue's data on the activation; `function` gives the parameters' values.
Json definition_json(const activation::Function& function);

/// Infinities are the strings "inf" and "-inf", what does not exist is null.
Json properties_json(const activation::Properties& properties);

}  // namespace rectify::cli
