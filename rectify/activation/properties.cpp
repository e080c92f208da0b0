#include "rectify/activation/properties.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "rectify/activation/limits.h"
#include "rectify/activation/quadrature.h"
#include "rectify/activation/scan.h"
#include "rectify/base/floating_environment.h"

namespace rectify::activation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Relative to the size of a function: what is smaller is a rounding error of its evaluation.
constexpr double rounding = 1e-12;

/// Value, slope and curvature on one grid that avoids the points where one of them jumps.
struct Scan {
  explicit Scan(const Function& f);

  const Function& function;
  std::vector<double> breaks;   ///< where value, slope or curvature jumps, ascending
  std::vector<double> grid;
  std::array<Sampled, 3> sample;
  std::array<std::vector<Stretch>, 3> stretches;

  double at(double x, int order) const { return evaluate(function, x, {.x = order}); }
  bool jumps_at(double x, int order) const { return differ(at(just_below(x), order), at(just_above(x), order), order); }
  bool differ(double left, double right, int order) const {
    return std::fabs(left - right) > 1e-9 * std::max(std::fabs(left), std::fabs(right)) && std::fabs(left - right) > rounding * sample[static_cast<size_t>(order)].scale;
  }
};

Scan::Scan(const Function& f) : function(f) {
  std::vector<double> candidates = kinks(f);
  const auto take_samples = [&] {
    for (size_t order = 0; order < 3; ++order) sample[order] = sampled([this, order](double x) { return at(x, static_cast<int>(order)); }, grid);
  };
  grid = scanning_grid(candidates);
  take_samples();
  if (std::ranges::find(candidates, 0.0) == candidates.end()) candidates.push_back(0.0);
  for (const Sampled& one : sample) {
    for (const double x : jumps(one, grid)) {
      const auto near = [&](double known) { return std::fabs(known - x) <= 1e-12 * std::fabs(x); };
      if (std::ranges::none_of(candidates, near)) candidates.push_back(x);
    }
  }
  for (const double x : candidates) {
    if (jumps_at(x, 0) || jumps_at(x, 1) || jumps_at(x, 2)) breaks.push_back(x);
  }
  std::ranges::sort(breaks);
  if (breaks != kinks(f)) {
    grid = scanning_grid(breaks);
    take_samples();
  }
  for (size_t order = 0; order < 3; ++order) stretches[order] = signs(sample[order], grid, breaks);
}

/// The limits at x, from points beside it by a straight line.
Kink::Sides sides(const Scan& scan, double x, int order) {
  const double below = just_below(x), above = just_above(x);
  Kink::Sides result{scan.at(below, order), scan.at(x, order), scan.at(above, order)};
  if (order < 2) {
    result.left += scan.at(below, order + 1) * (x - below);
    result.right += scan.at(above, order + 1) * (x - above);
  }
  // A side on which the function is continuous has the value at the point itself, to the last bit.
  for (double* side : {&result.left, &result.right}) {
    if (!scan.differ(*side, result.at, order)) *side = result.at;
  }
  return result;
}

/// Whether the third derivative, as a difference quotient of the curvature on either side, jumps at x: the difference does not shrink with the step.
bool third_derivative_jumps(const Scan& scan, double x) {
  const auto difference = [&](double h) {
    const double left = (scan.at(x - h, 2) - scan.at(x - 2 * h, 2)) / h, right = (scan.at(x + 2 * h, 2) - scan.at(x + h, 2)) / h;
    return std::fabs(right - left);
  };
  const double coarse = difference(0x1p-12), fine = difference(0x1p-14);
  return fine > 1e-3 * scan.sample[2].scale && fine > 0.7 * coarse;
}

void find_kinks(const Scan& scan, Properties& p) {
  std::vector<double> candidates = kinks(scan.function);
  candidates.push_back(0.0);
  candidates.insert(candidates.end(), scan.breaks.begin(), scan.breaks.end());
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  int lowest = 4;
  for (const double x : candidates) {
    int order = 0;
    while (order < 3 && !scan.jumps_at(x, order)) ++order;
    if (order == 3 && !third_derivative_jumps(scan, x)) continue;
    p.kinks.push_back({.x = x, .order = order, .value = sides(scan, x, 0), .slope = sides(scan, x, 1), .curvature = sides(scan, x, 2)});
    lowest = std::min(lowest, order);
  }
  p.smoothness = static_cast<Smoothness>(lowest);
}

/// Those nearest to 0, in ascending order.
template <class T, class Where>
bool shorten(std::vector<T>& list, Where where) {
  const auto distance = [&](const T& t) {
    const Place place = where(t);
    return place.low <= 0 && place.high >= 0 ? 0.0 : std::min(std::fabs(place.low), std::fabs(place.high));
  };
  const bool more = list.size() > listed_at_most;
  std::ranges::stable_sort(list, [&](const T& a, const T& b) { return distance(a) < distance(b); });
  if (more) list.resize(listed_at_most);
  std::ranges::sort(list, [&](const T& a, const T& b) { return where(a).low < where(b).low; });
  return more;
}

/// Places where the derivative of this order is 0: its roots, its flat stretches, and where it touches 0, which is where the next one changes sign.
Places zeros_of(const Scan& scan, size_t order) {
  Places places;
  const Sampled& f = scan.sample[order];
  const auto vanishes = [&](double x) { return std::fabs(f.function(x)) <= rounding * f.scale; };
  const auto add = [&](double x) {
    const auto holds = [&](const Place& place) { return x >= place.low - 1e-9 && x <= place.high + 1e-9; };
    if (std::isfinite(x) && vanishes(x) && std::ranges::none_of(places.list, holds)) places.list.push_back({x, x, false, false});
  };
  for (const Stretch& stretch : scan.stretches[order]) {
    if (stretch.sign != 0) continue;
    if (!places.list.empty() && places.list.back().high == stretch.low && vanishes(stretch.low)) {
      places.list.back().high = stretch.high;
    } else {
      places.list.push_back({stretch.low, stretch.high, std::isfinite(stretch.low) && !vanishes(stretch.low), false});
    }
    places.list.back().without_high = std::isfinite(stretch.high) && !vanishes(stretch.high);
  }
  for (size_t i = 1; i < scan.stretches[order].size(); ++i) {
    const double x = scan.stretches[order][i].low;
    // A convention gives a kink the value 0 without a root: the limits of both sides have to be small.
    if (vanishes(just_below(x)) && vanishes(just_above(x))) add(x);
  }
  if (order < 2) {
    const auto& next = scan.stretches[order + 1];
    for (size_t i = 1; i < next.size(); ++i) {
      if (next[i - 1].sign * next[i].sign < 0 && !scan.jumps_at(next[i].low, static_cast<int>(order))) add(next[i].low);
    }
  }
  places.more = shorten(places.list, [](const Place& place) { return place; });
  return places;
}

/// Where the value goes: stretches of one sign of the slope, with the jumps of the value between them as steps of no width.
std::vector<Stretch> course(const Scan& scan) {
  std::vector<Stretch> result;
  for (const Stretch& stretch : scan.stretches[1]) {
    if (!result.empty() && scan.jumps_at(stretch.low, 0)) {
      result.push_back({stretch.low, stretch.low, scan.at(just_above(stretch.low), 0) > scan.at(just_below(stretch.low), 0) ? 1 : -1});
    }
    if (!result.empty() && result.back().sign == stretch.sign && result.back().low < result.back().high) {
      result.back().high = stretch.high;
    } else {
      result.push_back(stretch);
    }
  }
  return result;
}

void find_limits(const Scan& scan, Properties& p) {
  for (const bool right : {false, true}) {
    const auto limit_of = [&](int order) { return limit(scan.function, {.x = order}, right); };
    (right ? p.right : p.left) = {.value = limit_of(0), .slope = limit_of(1), .curvature = limit_of(2), .saturation = Saturation::none, .saturated_beyond = {}};
  }
}

void find_extrema(const Scan& scan, Properties& p) {
  const std::vector<Stretch> steps = course(scan);
  const auto is_jump = [](const Stretch& step) { return step.low == step.high; };
  for (size_t i = 0; i < steps.size(); ++i) {
    const int before = i > 0 ? steps[i - 1].sign : 0;
    if (steps[i].sign == 0) {
      const int after = i + 1 < steps.size() ? steps[i + 1].sign : 0;
      if (before * after > 0 || (before == 0 && after == 0)) continue;
      const double inside = std::isfinite(steps[i].low) ? (std::isfinite(steps[i].high) ? (steps[i].low + steps[i].high) / 2 : steps[i].low + 1) : steps[i].high - 1;
      const double value = scan.at(inside, 0);
      const auto excludes = [&](double end) { return std::isfinite(end) && scan.differ(scan.at(end, 0), value, 0); };
      p.extrema.push_back({{steps[i].low, steps[i].high, excludes(steps[i].low), excludes(steps[i].high)}, value, before > 0 || after < 0});
    } else if (before * steps[i].sign < 0 && !is_jump(steps[i]) && !is_jump(steps[i - 1])) {
      p.extrema.push_back({{steps[i].low, steps[i].low, false, false}, scan.at(steps[i].low, 0), before > 0});
    }
  }
  bool rises = false, falls = false, rests = false;
  for (const Stretch& step : steps) rises |= step.sign > 0, falls |= step.sign < 0, rests |= step.sign == 0;
  if (rises && falls) p.monotone = Monotone::no;
  else if (rises) p.monotone = rests ? Monotone::non_decreasing : Monotone::increasing;
  else if (falls) p.monotone = rests ? Monotone::non_increasing : Monotone::decreasing;
  else p.monotone = Monotone::constant;
}

void find_range(const Scan& scan, Properties& p) {
  p.infimum = {infinity, false}, p.supremum = {-infinity, false};
  const auto consider = [&](double value, bool attained) {
    if (std::isnan(value)) return;
    value += 0.0;  // -0 is 0
    const auto same = [&](double a) { return std::isfinite(a) && std::isfinite(value) && std::fabs(a - value) <= 1e-14 * std::max(std::fabs(a), std::fabs(value)); };
    for (const bool upper : {false, true}) {
      Bound& bound = upper ? p.supremum : p.infimum;
      if (same(bound.value)) bound.attained |= attained;
      else if (upper ? value > bound.value : value < bound.value) bound = {value, attained};
    }
  };
  for (const Extremum& extremum : p.extrema) consider(extremum.value, true);
  for (const Stretch& step : scan.stretches[1]) {
    if (step.sign == 0) consider(scan.at(std::isfinite(step.low) ? just_above(step.low) : std::isfinite(step.high) ? just_below(step.high) : 0.0, 0), true);
  }
  for (const Kink& kink : p.kinks) {
    if (kink.order > 0) continue;
    consider(kink.value.at, true);
    consider(kink.value.left, false);
    consider(kink.value.right, false);
  }
  for (const Tail& tail : {p.left, p.right}) consider(tail.value, false);
}

void find_bend(const Scan& scan, Properties& p) {
  bool up = false, down = false, jumps = false;
  for (const Stretch& stretch : scan.stretches[2]) up |= stretch.sign > 0, down |= stretch.sign < 0;
  for (const Kink& kink : p.kinks) {
    jumps |= kink.order == 0;
    if (kink.order == 1) (kink.slope.right > kink.slope.left ? up : down) = true;
  }
  p.bend = jumps || (up && down) ? Bend::neither : up ? Bend::convex : down ? Bend::concave : Bend::affine;
  const auto& stretches = scan.stretches[2];
  for (size_t i = 1; i < stretches.size(); ++i) {
    const double x = stretches[i].low;
    if (stretches[i - 1].sign * stretches[i].sign < 0 && !scan.jumps_at(x, 0) && !scan.jumps_at(x, 1)) p.inflections.list.push_back({x, x, false, false});
  }
  p.inflections.more = shorten(p.inflections.list, [](const Place& place) { return place; });
}

void find_symmetry(const Scan& scan, Properties& p) {
  bool odd = true, even = true;
  for (size_t i = 0; i < scan.grid.size() && (odd || even); ++i) {
    const double x = scan.grid[i];
    if (x <= 0 || x > 1024) continue;
    const double right = scan.sample[0].at[i], left = scan.at(-x, 0), size = std::max(std::fabs(left), std::fabs(right));
    odd &= std::fabs(right + left) <= rounding * size;
    even &= std::fabs(right - left) <= rounding * size;
  }
  p.symmetry = odd && !even ? Symmetry::odd : even && !odd ? Symmetry::even : Symmetry::neither;
}

void find_lipschitz(const Scan& scan, Properties& p) {
  const auto largest = [&](size_t order) {
    double result = largest_magnitude(scan.sample[order], scan.grid, scan.breaks);
    for (const Tail& tail : {p.left, p.right}) {
      const double limit = std::fabs(order == 1 ? tail.slope : tail.curvature);
      if (limit > result || std::isinf(limit)) result = limit;
    }
    for (const Kink& kink : p.kinks) {
      const Kink::Sides& limits = order == 1 ? kink.slope : kink.curvature;
      result = std::max({result, std::fabs(limits.left), std::fabs(limits.right)});
    }
    return result;
  };
  p.lipschitz = p.smoothness == Smoothness::discontinuous ? infinity : largest(1);
  p.largest_curvature = largest(2);
  const bool slope_jumps = std::ranges::any_of(p.kinks, [](const Kink& kink) { return kink.order <= 1; });
  p.slope_lipschitz = slope_jumps ? infinity : p.largest_curvature;
}

/// One end of the line: whether the slope dies there, and from where on. `largest` is that of |f'|.
void find_saturation(const Scan& scan, bool right, double largest, Tail& tail) {
  if (tail.slope != 0) return;
  const Stretch& end = right ? scan.stretches[1].back() : scan.stretches[1].front();
  tail.saturation = end.sign == 0 ? Saturation::hard : Saturation::soft;
  const double threshold = saturated_share * largest;
  if (!std::isfinite(threshold) || threshold == 0) return;
  const size_t n = scan.grid.size();
  const auto from_the_end = [&](size_t k) { return right ? n - 1 - k : k; };
  size_t k = 0;
  while (k < n && std::fabs(scan.sample[1].at[from_the_end(k)]) < threshold) ++k;
  if (k == 0 || k == n) return;
  const double outside = scan.grid[from_the_end(k - 1)], inside = scan.grid[from_the_end(k)];
  double place = halve(outside, inside, [&](double x) { return std::fabs(scan.at(x, 1)) < threshold; });
  for (const double x : scan.breaks) {
    if (std::min(outside, inside) < x && x < std::max(outside, inside)) place = x;
  }
  tail.saturated_beyond = place;
}

/// The largest |f'|, also of a function that jumps.
double largest_slope(const Scan& scan, const Properties& p) {
  return p.smoothness == Smoothness::discontinuous ? largest_magnitude(scan.sample[1], scan.grid, scan.breaks) : p.lipschitz;
}

/// Both ends, once kinks and Lipschitz constants are known.
void find_saturations(const Scan& scan, Properties& p) {
  const double steepest = largest_slope(scan, p);
  find_saturation(scan, false, steepest, p.left);
  find_saturation(scan, true, steepest, p.right);
}

/// (f(x) - f(0)) / f'(0) as text. A factor is written as a product if its decimal is exact and short, as a quotient otherwise.
std::string rescaling(const Function& function, double value, double slope) {
  const std::string own = to_string(function);
  const bool plain = function == make(function.id);
  const std::string_view name = spec(function.id).name;
  const std::string call = plain || own == name ? fmt::format("{}(x)", name) : fmt::format("{}(x, {}", name, own.substr(name.size() + 1));
  std::string text;
  if (slope == 1) {
    text = call;
  } else {
    const std::string factor = fmt::format("{}", 1 / slope), divisor = fmt::format("{}", slope);
    const bool exact = 1 / (1 / slope) == slope && factor.size() <= 6;
    text = exact ? factor + "*" + call : divisor[0] == '-' ? fmt::format("{}/({})", call, divisor) : call + "/" + divisor;
  }
  const double offset = value / slope;
  return value == 0 ? text : fmt::format("{} {} {}", text, offset > 0 ? "-" : "+", std::fabs(offset));
}

}  // namespace

NormalStatistics normal_statistics(const Function& function) {
  const std::vector<double> declared = kinks(function);
  // Panels are graded towards 0 and the kinks, where an activation with a large sharpness turns within a thousandth.
  std::vector<double> at = declared;
  at.push_back(0.0);
  for (size_t i = 0, n = at.size(); i < n; ++i) {
    for (double step = 0x1p-16; step <= 0x1p-3; step *= 2) at.push_back(at[i] - step), at.push_back(at[i] + step);
  }
  std::ranges::sort(at);
  const auto expectation = [&](auto h) { return normal_expectation(h, at); };
  const auto f = [&](double z) { return evaluate(function, z); };
  NormalStatistics s;
  s.mean = expectation(f);
  const auto squared = [](double y) { return y * y; };
  s.second_moment = expectation([&](double z) { return squared(f(z)); });
  const bool jumps = std::ranges::any_of(declared, [&](double x) { return std::fabs(f(just_above(x)) - f(just_below(x))) > rounding; });
  s.slope_second_moment = jumps ? infinity : expectation([&](double z) { return squared(evaluate(function, z, slope)); });
  s.gain = gain(function);
  s.deviation_gain = 1 / std::sqrt(expectation([&](double z) { return squared(f(z) - s.mean); }));
  s.backward_gain = 1 / std::sqrt(s.slope_second_moment);
  s.chi = s.slope_second_moment / s.second_moment;
  // The derivative of E f(sqrt(q) z)^2 by q is E (z^2 - 1) f^2 / 2 at q = 1, which needs no slope.
  s.variance_slope = expectation([&](double z) { return (z * z - 1) * squared(f(z)); }) / (2 * s.second_moment);
  constexpr double margin = 1e-9;
  const double pull = std::fabs(s.variance_slope);
  s.stability = pull < 1 - margin ? Stability::stable : pull > 1 + margin ? Stability::unstable : Stability::neutral;
  s.centred = std::fabs(s.mean) < centred_below;
  return s;
}

Properties properties(const Function& function) {
  const FloatingEnvironment environment;
  const Scan scan(function);
  Properties p;
  find_limits(scan, p);
  find_kinks(scan, p);
  p.zeros = zeros_of(scan, 0), p.slope_zeros = zeros_of(scan, 1), p.curvature_zeros = zeros_of(scan, 2);
  find_extrema(scan, p);
  find_range(scan, p);
  p.more_extrema = shorten(p.extrema, [](const Extremum& extremum) { return extremum.where; });
  find_bend(scan, p);
  find_symmetry(scan, p);
  find_lipschitz(scan, p);
  find_saturations(scan, p);
  p.value_at_zero = evaluate(function, 0), p.slope_at_zero = evaluate(function, 0, slope);
  const bool bent_at_zero = std::ranges::any_of(p.kinks, [](const Kink& kink) { return kink.x == 0 && kink.order <= 1; });
  if (p.slope_at_zero != 0 && !bent_at_zero) p.identity_rescaling = rescaling(function, p.value_at_zero, p.slope_at_zero);
  p.normal = normal_statistics(function);
  return p;
}

SaturatedTails saturated_tails(const Function& function) {
  const FloatingEnvironment environment;
  const Scan scan(function);
  Properties p;
  find_limits(scan, p);
  find_kinks(scan, p);
  find_lipschitz(scan, p);
  find_saturations(scan, p);
  // The edge belongs to the tail if its slope does: 0 of relu, by the convention there.
  const auto edge = [&](const Tail& tail, double outwards) {
    const double x = tail.saturated_beyond.value_or(outwards);
    return std::isfinite(x) && std::fabs(scan.at(x, 1)) < saturated_share * largest_slope(scan, p) ? std::nextafter(x, -outwards) : x;
  };
  return {edge(p.left, -infinity), edge(p.right, infinity)};
}

SaturatedTails carried_to_output(const Function& function, const SaturatedTails& tails) {
  const FloatingEnvironment environment;
  const auto carried = [&](double edge, double outwards) {
    return std::isinf(edge) ? edge : std::nextafter(evaluate(function, std::nextafter(edge, outwards)), -outwards);
  };
  return {carried(tails.left, -infinity), carried(tails.right, infinity)};
}

}  // namespace rectify::activation
