// What can be said of an activation, computed from its value, slope and curvature; nothing here is asserted.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// A mean below this under N(0, 1) counts as centred on zero.
inline constexpr double centred_below = 1e-3;
/// An activation saturates where its slope stays below this share of its largest.
inline constexpr double saturated_share = 0.05;
/// Of zeros, extrema and inflection points the nearest to 0 are listed, at most so many.
inline constexpr size_t listed_at_most = 8;

/// A point (low == high) or a stretch on which something holds; infinite ends are -inf and inf. At an end that is excluded it does not hold: f jumps there.
struct Place {
  double low = 0, high = 0;
  bool without_low = false, without_high = false;
  friend bool operator==(const Place&, const Place&) = default;
};

/// Places in ascending order; `more` if there are others, further from 0.
struct Places {
  std::vector<Place> list;
  bool more = false;
};

struct Extremum {
  Place where;
  double value = 0;
  bool maximum = false;
};

/// A point at which the value (order 0), the slope (1), the curvature (2) or the third derivative (3) jumps, with what value, slope and curvature tend to
/// on both sides, and what they are there by convention.
struct Kink {
  struct Sides {
    double left = 0, at = 0, right = 0;
  };
  double x = 0;
  int order = 1;
  Sides value, slope, curvature;
};

enum class Smoothness { discontinuous, c0, c1, c2, infinite };
enum class Monotone { no, constant, non_decreasing, increasing, non_increasing, decreasing };
enum class Bend { neither, convex, concave, affine };
enum class Symmetry { neither, odd, even };
/// Soft: the slope tends to 0 at that end. Hard: it is 0 from some point on (Gulcehre et al. 2016, arXiv:1603.00391).
enum class Saturation { none, soft, hard };
enum class Stability { stable, neutral, unstable };

std::string_view name(Smoothness smoothness);  ///< "discontinuous", "C0", "C1", "C2", "C-infinity"
std::string_view name(Monotone monotone);      ///< "no", "constant", "non-decreasing", "increasing", ...
std::string_view name(Bend bend);
std::string_view name(Symmetry symmetry);
std::string_view name(Saturation saturation);
std::string_view name(Stability stability);

/// Infimum or supremum, and whether the function takes it.
struct Bound {
  double value = 0;
  bool attained = false;
};

/// One end of the line.
struct Tail {
  double value = 0, slope = 0, curvature = 0;   ///< limits; NaN where there is none (a sine)
  Saturation saturation = Saturation::none;
  std::optional<double> saturated_beyond;       ///< from here outwards |f'| < 5 % of its maximum; nothing if it is not, or has no finite maximum
};

/// Moments for z ~ N(0, 1), and the gains and the stability that follow from them (Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2017, arXiv:1611.01232).
struct NormalStatistics {
  double mean = 0;                 ///< E f(z)
  double second_moment = 0;        ///< E f(z)^2
  double slope_second_moment = 0;  ///< E f'(z)^2; infinite if the value jumps
  double gain = 0;                 ///< 1 / sqrt(E f^2): keeps the second moment
  double deviation_gain = 0;       ///< 1 / std f: keeps the variance of normalised activations
  double backward_gain = 0;        ///< 1 / sqrt(E f'^2): keeps the gradient
  double chi = 0;                  ///< sigma_w^2 E f'^2 with sigma_w^2 = 1 / E f^2, for which q = 1 is the fixed point of variances
  double variance_slope = 0;       ///< dQ/dq at q = 1, Q(q) = sigma_w^2 E f(sqrt(q) z)^2
  Stability stability = Stability::neutral;  ///< of q = 1: stable if |variance_slope| < 1
  bool centred = false;
};

struct Properties {
  Bound infimum, supremum;
  Tail left, right;
  Places zeros, slope_zeros, curvature_zeros, inflections;
  std::vector<Extremum> extrema;
  bool more_extrema = false;
  Monotone monotone = Monotone::no;
  Bend bend = Bend::neither;
  Symmetry symmetry = Symmetry::neither;
  double value_at_zero = 0, slope_at_zero = 0;
  std::string identity_rescaling;  ///< "4*sigmoid(x) - 2": (f(x) - f(0)) / f'(0); empty if f'(0) is 0 or f has no slope at 0
  std::vector<Kink> kinks;
  Smoothness smoothness = Smoothness::infinite;
  double lipschitz = 0;            ///< of f: sup |f'|, infinite if f jumps
  double slope_lipschitz = 0;      ///< of f': sup |f''|, infinite if f' jumps
  double largest_curvature = 0;    ///< sup |f''| away from the kinks
  NormalStatistics normal;
};

/// Everything about f at these parameters, from some 20,000 evaluations. Features narrower than a 64th are found near 0 and near declared kinks only; a jump
/// of the third derivative is looked for at 0 and at the kinks.
Properties properties(const Function& function);

/// The inputs on which f is saturated: x < left and x > right, exactly; infinite where it is not.
struct SaturatedTails {
  double left = -std::numeric_limits<double>::infinity();
  double right = std::numeric_limits<double>::infinity();
  friend bool operator==(const SaturatedTails&, const SaturatedTails&) = default;
};

/// From Tail::saturated_beyond, where the slope at that very point decides whether it belongs to the tail. Takes as long as the part of properties() that scans.
SaturatedTails saturated_tails(const Function& function);

/// The tails as places of the output, for an f that never decreases: an x in a tail has f(x) < left or f(x) > right of the result. The converse holds where f rises by
/// more than a rounding at the edge of its tail, as relu does: there the output tells what the input would.
SaturatedTails carried_to_output(const Function& function, const SaturatedTails& tails);

/// The part that integrates.
NormalStatistics normal_statistics(const Function& function);

}  // namespace rectify::activation
