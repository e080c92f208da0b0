// The names, defaults and conventions of other libraries, as data (dialects.inc), and their translation into ours.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// A library: "onednn", "oneDNN", and what stands before its names, separated by spaces: "dnnl_eltwise_ eltwise_ dnnl.".
struct Dialect {
  std::string_view name, title, prefixes;
};

/// One name in one library; the fields are those of a line of dialects.inc.
struct DialectName {
  std::string_view dialect, theirs, ours, parameters;

  /// The activation it stands for, with that library's defaults and convention.
  Function function() const;
  /// Their names of the parameters and ours.
  std::vector<std::pair<std::string_view, std::string_view>> renamed() const;
  /// Arguments that a call has to have for this line to count: name and value.
  std::vector<std::pair<std::string_view, std::string_view>> conditions() const;
};

std::span<const Dialect> dialects();
std::span<const DialectName> dialect_names();

/// By name or title, without regard to case, '_', '-' and spaces.
std::optional<Dialect> dialect_named(std::string_view name);

/// Rewrites `leaky_relu(dialect=keras)`, `jax.nn.gelu(approximate=false)` or `LeakyReLU(0.2)` in the catalogue's own names of activation and parameters, with
/// the other library's defaults filled in. The failure names the unknown activation or dialect and the nearest names.
Result<Specification> in_own_terms(const Specification& specification);

}  // namespace rectify::activation
