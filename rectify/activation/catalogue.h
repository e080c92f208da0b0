// The catalogue as data: look-up by name and alias, parameters, and evaluation of one number. No SIMD and no lanes here.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
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
  formula,  ///< none of the catalogue's: written as text, see formula.h
};

class Formula;

/// What the slope is exactly at a kink. `standard` is the catalogue's own, PyTorch's; others have the limit from the left or from the right, from between
/// the outermost kinks (inner) or from beyond them (outer), the mean of both limits, or 0.
enum class AtKinks : uint8_t { standard, left, right, inner, outer, mean, zero };
std::string_view name(AtKinks convention);
std::optional<AtKinks> at_kinks_named(std::string_view name);

/// An activation with the values of its parameters: a small value, cheap to copy.
struct Function {
  Id id = Id::identity;
  std::array<double, max_parameters> parameters{};
  AtKinks at_kinks = AtKinks::standard;
  std::shared_ptr<const Formula> formula = nullptr;  ///< of Id::formula
  friend bool operator==(const Function& a, const Function& b);
};

/// Which derivative: `x` times by the input and `parameter` times by parameter number `which`; at most two in all. Of a formula, the second of two
/// parameters may be another, number `other`.
struct Derivative {
  int x = 0;
  int parameter = 0;
  int which = 0;
  int other = -1;
};
inline constexpr Derivative value_itself{0, 0, 0}, slope{1, 0, 0}, curvature{2, 0, 0};

/// All activations in the order of the catalogue.
std::span<const Id> all();
const Spec& spec(Id id);
/// The catalogue's, or the formula's own.
const Spec& spec(const Function& function);

/// Look-up by canonical name, alias, or what another library calls it (`nn.LeakyReLU`, `tf.nn.swish`, `eltwise_soft_relu`); case, '_', '-' and spaces do not
/// matter. Which defaults another library has is another question: see from_specification().
std::optional<Id> find(std::string_view name);

/// The canonical names, for suggestions.
std::vector<std::string> names();

/// The activation with its default parameters.
Function make(Id id);

/// The activation with the first parameters set to `values`, the rest at their defaults. Throws ArgumentError for too many or out of range.
Function make(Id id, std::span<const double> values);

/// Reads `leaky_relu(0.2)` or `swish(beta=1.5)`; with `dialect=keras`, or a name such as `jax.nn.gelu`, the defaults, parameter names and kinks of that library
/// (dialects.h); `at_kinks=right` sets the convention alone. `formula("x*sigmoid(beta*x)", beta=1)` is an activation written as text. The failure names the unknown activation and the nearest names, or the parameter that is wrong.
Result<Function> from_specification(const Specification& specification);

/// `leaky_relu(negative_slope=0.2)`: all parameters filled in, the convention at the kinks if it is not the standard; reads back to the same function.
std::string to_string(const Function& function);

/// f, f' or f'' (or a derivative by a parameter) of one number, computed by the scalar lanes: the same bits as the float64 kernels on every machine.
/// Of a formula it is the correctly rounded result, slowly.
double evaluate(const Function& function, double x, Derivative derivative = value_itself);

}  // namespace rectify::activation
