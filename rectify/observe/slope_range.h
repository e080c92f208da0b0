// Whether an activation is a straight line over the inputs that a unit has.
#pragma once

#include <span>
#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::observe {

/// The slopes of one activation over many ranges at once. It is looked at in 17 points of each range, its ends among them, and on both sides of each kink inside.
class SlopeRange {
 public:
  /// Takes some ten microseconds. The largest slope is that on [-32, 32].
  explicit SlopeRange(const activation::Function& function);

  /// For each range [low, high], whether the slope changes on it by less than 1 % of its largest anywhere and the value does not jump. False where an end is not finite.
  std::vector<bool> constant(std::span<const double> low, std::span<const double> high) const;

 private:
  struct Kink {
    double x, slope_below, slope_above;
    bool jumps;
  };
  activation::Function function_;
  double largest_ = 0;
  std::vector<Kink> kinks_;
};

}  // namespace rectify::observe
