// evaluate(): every activation compiled for one lane. The same text as the kernels', so the same bits as float64's.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/evaluate_by_jet.h"
#include "rectify/activation/formula.h"
#include "rectify/activation/inline.h"
#include "rectify/activation/limits.h"
#include "rectify/activation/reduction.h"
#include "rectify/base/floating_environment.h"

namespace rectify::activation {
namespace one_lane {

#include "rectify/activation/lanes_scalar.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"
#include "rectify/activation/normal-inl.h"
#include "rectify/activation/jet.h"
#include "rectify/activation/precise-inl.h"
#include "rectify/activation/periodic-inl.h"
#include "rectify/activation/arctan-inl.h"
#include "rectify/activation/roots-inl.h"
#include "rectify/activation/gates-inl.h"
#include "rectify/activation/derivatives-inl.h"
#include "rectify/activation/functions_all.inc"

using V = Lane<false>;

template <class F, class Which, size_t... i>
double apply(std::index_sequence<i...>, const Function& function, double x, int which) {
  [[maybe_unused]] const V direction[max_parameters] = {which == 0 ? 1.0 : 0.0, which == 1 ? 1.0 : 0.0, which == 2 ? 1.0 : 0.0, which == 3 ? 1.0 : 0.0};
  return Which::template apply<F>(V(x), direction, V(function.parameters[i])...).raw;
}

template <class F>
double evaluate(const Function& function, double x, Derivative derivative) {
  constexpr auto indices = std::make_index_sequence<static_cast<size_t>(F::spec.parameter_count())>{};
  if constexpr (F::spec.parameter_count() > 0) {
    if (derivative.parameter == 2) return apply<F, ByParameterTwice>(indices, function, x, derivative.which);
    if (derivative.parameter == 1 && derivative.x == 1) return apply<F, ByInputAndParameter>(indices, function, x, derivative.which);
    if (derivative.parameter == 1) return apply<F, ByParameter>(indices, function, x, derivative.which);
  }
  switch (derivative.x) {
    case 0: return apply<F, ValueOf>(indices, function, x, 0);
    case 1: return apply<F, SlopeOf>(indices, function, x, 0);
    default: return apply<F, CurvatureOf>(indices, function, x, 0);
  }
}

template <class F>
double evaluate_by_jet(const Function& function, double x, int order) {
  constexpr auto indices = std::make_index_sequence<static_cast<size_t>(F::spec.parameter_count())>{};
  return order == 1 ? apply<F, SlopeByJet>(indices, function, x, 0) : apply<F, CurvatureByJet>(indices, function, x, 0);
}

constexpr const Spec* specs[] = {
#define RECTIFY_ACTIVATION(family, name, Type) &Type::spec,
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
};

}  // namespace one_lane

const Spec& spec(Id id) {
  static constexpr Spec of_formula{.name = "formula", .formula = "", .description = "An activation written as text."};
  return id == Id::formula ? of_formula : *one_lane::specs[static_cast<size_t>(id)];
}

const Spec& spec(const Function& function) { return function.formula ? function.formula->spec() : spec(function.id); }

double evaluate(const Function& function, double x, Derivative derivative) {
  const FloatingEnvironment environment;
  if (std::isnan(x)) return std::numeric_limits<double>::quiet_NaN();
  if (function.formula) return function.formula->compiled(derivative).exact.evaluate<double>(x, function.parameters);
  if (std::isinf(x)) return limit(function, derivative, x > 0);
  if (function.at_kinks != AtKinks::standard) {
    for (const AtKink& kink : at_kinks(function, derivative)) {
      if (kink.x == x) return kink.result;
    }
  }
  switch (function.id) {
#define RECTIFY_ACTIVATION(family, name, Type) \
  case Id::name: return one_lane::evaluate<one_lane::Type>(function, x, derivative);
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
    case Id::formula: break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double evaluate_by_jet(const Function& function, double x, int order) {
  const FloatingEnvironment environment;
  switch (function.id) {
#define RECTIFY_ACTIVATION(family, name, Type) \
  case Id::name: return one_lane::evaluate_by_jet<one_lane::Type>(function, x, order);
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
    case Id::formula: break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace rectify::activation
