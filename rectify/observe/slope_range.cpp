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
constexpr int64_t points = 17;

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
  std::vector<double> x;
  x.reserve(low.size() * points);
  for (size_t unit = 0; unit < low.size(); ++unit) {
    for (int64_t i = 0; i < points; ++i) {
      const double share = static_cast<double>(i) / (points - 1);
      x.push_back(low[unit] * (1 - share) + high[unit] * share);
    }
  }
  const std::vector<double> slope = slopes(function_, std::move(x));
  std::vector<bool> result(low.size());
  for (size_t unit = 0; unit < low.size(); ++unit) {
    const auto begin = slope.begin() + static_cast<int64_t>(unit) * points;
    double least = *std::min_element(begin, begin + points), most = *std::max_element(begin, begin + points);
    bool jumps = false;
    for (const Kink& kink : kinks_) {
      if (!(low[unit] < kink.x && kink.x < high[unit])) continue;
      least = std::min({least, kink.slope_below, kink.slope_above});
      most = std::max({most, kink.slope_below, kink.slope_above});
      jumps |= kink.jumps;
    }
    result[unit] = std::isfinite(low[unit]) && std::isfinite(high[unit]) && !jumps && most - least < constant_below * largest_;
  }
  return result;
}

}  // namespace rectify::observe
