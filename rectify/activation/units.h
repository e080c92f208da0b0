// The row-wise and gated units as data: activations whose outputs depend on several inputs, or are learned as a whole. They are built by nn/units.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

inline constexpr int max_unit_parameters = 3;

/// A parameter as it is written in a network: a number, or one of `choices`, which are separated by spaces.
struct UnitParameter {
  std::string_view name, default_value, choices = {}, meaning = {};
};

/// How many outputs come of n inputs: n, n/2, n/pieces or 2n.
enum class UnitWidth { same, half, divided, doubled };

struct UnitSpec {
  std::string_view name;
  std::string_view formula;  ///< a is the value, b the gate, i and j the places in a row
  std::string_view source = {};
  std::string_view description = {};
  UnitParameter parameters[max_unit_parameters] = {};
  std::string_view aliases = {};  ///< other names, separated by spaces
  std::string_view torch = {};    ///< name in torch.nn.functional
  std::string_view onnx = {};     ///< ONNX operator
  UnitWidth width = UnitWidth::same;

  constexpr int parameter_count() const {
    int count = 0;
    while (count < max_unit_parameters && !parameters[count].name.empty()) ++count;
    return count;
  }
};

/// One name per line of units.inc, in its order.
enum class UnitId : uint8_t {
#define RECTIFY_UNIT(name, Type, ...) name,
#include "rectify/activation/units.inc"
#undef RECTIFY_UNIT
};

/// All units in the order of units.inc.
std::span<const UnitId> all_units();
const UnitSpec& spec(UnitId id);
/// Look-up by name or alias; case, '_' and '-' do not matter.
std::optional<UnitId> find_unit(std::string_view name);
/// The names, for suggestions.
std::vector<std::string> unit_names();

/// What weights before a unit are scaled by, so that its outputs have second moment 1 where the layer's inputs have: the g with E u(g z)^2 = 1, z ~ N(0, I). For a
/// function that is homogeneous of degree 1 this is the gain of quadrature.h; a gated unit a f(b) multiplies two inputs, so g solves g^2 E f(g z)^2 = 1.
double gated_gain(const Function& gate);
/// 1 / sqrt(E max(z_1, ..., z_k)^2); 1 for k = 2.
double maxout_gain(int64_t pieces);
/// Half of crelu's outputs are silent: sqrt(2), as for ReLU.
double crelu_gain();
double rational_gain(std::span<const double> numerator, std::span<const double> denominator);

/// Where the rational unit starts: leaky ReLU with slope 0.01 within 0.034 on [-3, 3]. Made by rational_fit.py.
inline constexpr std::array<double, 6> rational_numerator = {0.033965, 0.624091, 2.039941, 2.289697, 0.927113, 0.126096};
inline constexpr std::array<double, 4> rational_denominator = {1.046414, 3.235775, 0.573052, 0.170082};

}  // namespace rectify::activation
