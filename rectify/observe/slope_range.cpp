#include "rectify/observe/slope_range.h"

#include <algorithm>
#include <cmath>

#include "rectify/activation/limits.h"
#include "rectify/activation/scan.h"
#include "rectify/kernel/pointwise.h"

namespace rectify::observe {
namespace {

/// A slope that changes by less than this share of its largest is constant.
constexpr double constant_below = 0.01;
constexpr int points = 17;

std::vector<double> slopes(const activation::Function& f, std::vector<double> x) {
  kernel::pointwise<double>(f, activation::slope, x.data(), nullptr, x.data(), static_cast<int64_t>(x.size()));
  return x;
}

}  // namespace

SlopeRange::SlopeRange(const activation::Function& function) : function_(function) {
  std::vector<double> grid;
  for (int i = -32 * 64; i <= 32 * 64; ++i) grid.push_back(i / 64.0);
  for (const double slope : slopes(function_, std::move(grid))) {
    if (std::isfinite(slope)) largest_ = std::max(largest_, std::fabs(slope));
  }
  for (const double x : activation::kinks(function_)) {
    const double below = activation::just_below(x), above = activation::just_above(x);
    const std::vector<double> beside = slopes(function_, {below, above});
    const double step = activation::evaluate(function_, above) - activation::evaluate(function_, below);
    // What the slopes on the way from one side to the other explain is no jump.
    const double explained = (std::fabs(beside[0]) + std::fabs(beside[1])) * (above - below);
    kinks_.push_back({x, beside[0], beside[1], std::fabs(step) > 2 * explained + 1e-9 * std::fabs(activation::evaluate(function_, above))});
  }
}

std::vector<bool> SlopeRange::constant(std::span<const double> low, std::span<const double> high) const {
  // Most units differ at the two ends already.
  std::vector<double> x(low.begin(), low.end());
  x.insert(x.end(), high.begin(), high.end());
  const std::vector<double> at_ends = slopes(function_, std::move(x));
  const size_t units = low.size();
  std::vector<size_t> candidates;
  std::vector<double> inside;
  for (size_t unit = 0; unit < units; ++unit) {
    if (!std::isfinite(low[unit]) || !std::isfinite(high[unit]) || !(std::fabs(at_ends[unit] - at_ends[units + unit]) < constant_below * largest_)) continue;
    candidates.push_back(unit);
    for (int i = 1; i + 1 < points; ++i) {
      const double share = static_cast<double>(i) / (points - 1);
      inside.push_back(low[unit] * (1 - share) + high[unit] * share);
    }
  }
  inside = slopes(function_, std::move(inside));
  std::vector<bool> result(units, false);
  for (size_t i = 0; i < candidates.size(); ++i) {
    const size_t unit = candidates[i];
    double least = std::min(at_ends[unit], at_ends[units + unit]), most = std::max(at_ends[unit], at_ends[units + unit]);
    for (size_t j = i * (points - 2); j < (i + 1) * (points - 2); ++j) least = std::min(least, inside[j]), most = std::max(most, inside[j]);
    bool jumps = false;
    for (const Kink& kink : kinks_) {
      if (!(low[unit] < kink.x && kink.x < high[unit])) continue;
      least = std::min({least, kink.slope_below, kink.slope_above});
      most = std::max({most, kink.slope_below, kink.slope_above});
      jumps |= kink.jumps;
    }
    result[unit] = !jumps && most - least < constant_below * largest_;
  }
  return result;
}

}  // namespace rectify::observe
