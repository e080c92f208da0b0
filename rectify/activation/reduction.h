// Angles reduced to within an eighth of a turn, exactly, however large: what the sine takes where the quick reduction ends.
#pragma once

namespace rectify::activation {

/// quadrant * pi/2 + high + low, quadrant a whole number in [-1, 2], |high| <= pi/4 (1 + 2^-50).
struct ReducedAngle {
  double high, low;
  double quadrant;
};

/// a*x modulo a turn, for finite a and x with |a*x| >= 1/2; high + low has a relative error below 2^-100. Integers until the last step:
/// the same bits on every machine.
/// Source: Payne and Hanek 1983, Radian reduction for trigonometric functions.
ReducedAngle reduced_angle(double a, double x) noexcept;

}  // namespace rectify::activation
