// evaluate_exactly(): the text of every activation compiled for the exact path's number.
#include "rectify/activation/evaluate_exactly.h"

#include <limits>
#include <utility>

#include "rectify/activation/formula.h"
#include "rectify/activation/inline.h"
#include "rectify/activation/reduction.h"
#include "rectify/base/floating_environment.h"

namespace rectify::activation {
namespace twofold {

#include "rectify/activation/twofold-inl.h"
#include "rectify/activation/twofold_tables-inl.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/twofold_blocks-inl.h"
#include "rectify/activation/twofold_circle-inl.h"
#include "rectify/activation/twofold_precise-inl.h"
#include "rectify/activation/jet.h"
#include "rectify/activation/roots-inl.h"
#include "rectify/activation/gates-inl.h"
#include "rectify/activation/derivatives-inl.h"
#include "rectify/activation/functions_all.inc"

template <class F, class Which, size_t... i>
Exactly apply(std::index_sequence<i...>, const Function& function, double x) {
  const Twofold y = Which::template apply<F>(Twofold(x), static_cast<const Twofold*>(nullptr), Twofold(function.parameters[i])...);
  return {y.high, y.low};
}

template <class F>
Exactly evaluate(const Function& function, double x, int order) {
  constexpr auto indices = std::make_index_sequence<static_cast<size_t>(F::spec.parameter_count())>{};
  switch (order) {
    case 0: return apply<F, ValueOf>(indices, function, x);
    case 1: return apply<F, SlopeOf>(indices, function, x);
    default: return apply<F, CurvatureOf>(indices, function, x);
  }
}

}  // namespace twofold

Exactly evaluate_exactly(const Function& function, double x, Derivative derivative) noexcept {
  const FloatingEnvironment environment;
  switch (function.id) {
#define RECTIFY_ACTIVATION(family, name, Type) \
  case Id::name: return twofold::evaluate<twofold::Type>(function, x, derivative.x);
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
    case Id::formula: {
      const Nearest nearest = function.formula->compiled(derivative).exact.nearest(x, function.parameters);
      return {nearest.value, nearest.low};
    }
  }
  return {std::numeric_limits<double>::quiet_NaN(), 0};
}

}  // namespace rectify::activation
