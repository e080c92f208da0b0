// The catalogue as data: look-up by name and alias, parameters, and evaluation of one number. No SIMD and no lanes here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/activation/spec.h"
#include "rectify/base/error.h"
#include "rectify/base/specification.h"

namespace rectify::activation {

/// One name per line of catalogue.inc, in its order.
enum class Id : uint16_t {
#define RECTIFY_ACTIVATION(family, name, Type) name,
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
};

/// An activation with the values of its parameters: a small value, cheap to copy.
struct Function {
  Id id = Id::identity;
  std::array<double, max_parameters> parameters{};
  friend bool operator==(const Function&, const Function&) = default;
};

/// Which derivative: `x` times by the input and `parameter` times by parameter number `which`; at most two in all.
struct Derivative {
  int x = 0;
  int parameter = 0;
  int which = 0;
};
inline constexpr Derivative value_itself{0, 0, 0}, slope{1, 0, 0}, curvature{2, 0, 0};

/// All activations in the order of the catalogue.
std::span<const Id> all();
const Spec& spec(Id id);

/// Look-up by canonical name or alias; case, '_' and '-' do not matter.
std::optional<Id> find(std::string_view name);

/// The canonical names, for suggestions.
std::vector<std::string> names();

/// The activation with its default parameters.
Function make(Id id);

/// The activation with the first parameters set to `values`, the rest at their defaults. Throws ArgumentError for too many or out of range.
Function make(Id id, std::span<const double> values);

/// Reads `leaky_relu(0.2)` or `swish(beta=1.5)`. The failure names the unknown activation and the nearest names, or the parameter that is wrong.
Result<Function> from_specification(const Specification& specification);

/// `leaky_relu(negative_slope=0.2)`: all parameters filled in; reads back to the same function.
std::string to_string(const Function& function);

/// f, f' or f'' (or a derivative by a parameter) of one number, computed by the scalar lanes: the same bits as the float64 kernels on every machine.
double evaluate(const Function& function, double x, Derivative derivative = value_itself);

}  // namespace rectify::activation
