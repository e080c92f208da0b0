// Sine, cosine and arctangent of the exact path's number.
// Textual: included inside a namespace after twofold_blocks-inl.h and <.../activation/reduction.h>; the former's header comment holds here too. No include guard.

/// x = quadrant pi/2 + r, |r| <= pi/4 but for a rounding.
struct ReducedAngle {
  unsigned quadrant;
  Twofold r;
};

inline ReducedAngle reduced_angle(double x) {
  const activation::ReducedAngle angle = activation::reduced_angle(1.0, x);
  return {static_cast<unsigned>(static_cast<int>(angle.quadrant)), Twofold(angle.high, angle.low)};
}

inline ReducedAngle reduced_angle(Twofold x) {
  if (std::fabs(x.high) < 0.75) return {0, x};
  auto [quadrant, r] = reduced_angle(x.high);
  if (std::fabs(x.low) < 0.5) {
    r = r + x.low;
  } else {
    const ReducedAngle rest = reduced_angle(x.low);
    quadrant += rest.quadrant;
    r = r + rest.r;
  }
  if (std::fabs(r.high) > 0.79) {
    const double side = std::copysign(1.0, r.high);
    quadrant += side > 0 ? 1u : ~0u;
    r = r - side * half_pi;
  }
  return {quadrant, r};
}

/// Sine and cosine of |r| <= 0.8.
inline Twofold sine_of_reduced(Twofold r) {
  const Twofold z = -(r * r);
  return r + r * (z * series<13>(z, inverse_factorial + 3, 7, 2));
}

inline Twofold cosine_of_reduced(Twofold r) {
  const Twofold z = -(r * r);
  return 1.0 + z * series<14>(z, inverse_factorial + 2, 8, 2);
}

inline Twofold sine_of(ReducedAngle angle) {
  const Twofold y = angle.quadrant % 2 == 0 ? sine_of_reduced(angle.r) : cosine_of_reduced(angle.r);
  return angle.quadrant % 4 < 2 ? y : -y;
}

inline Twofold sin(Twofold x) { return sine_of(reduced_angle(x)); }

inline Twofold cos(Twofold x) {
  ReducedAngle angle = reduced_angle(x);
  ++angle.quadrant;
  return sine_of(angle);
}

inline Twofold arctan(Twofold x) {
  const bool beyond = std::fabs(x.high) > 1;
  Twofold t = beyond ? 1.0 / x : x;
  double power = 1;
  for (; std::fabs(t.high) > 0.1; power *= 2) t = t / (1.0 + sqrt(1.0 + t * t));  // tan of half the angle
  const Twofold z = -(t * t), small = t + t * (z * series<16>(z, inverse_odd + 1, 8)), y = {small.high * power, small.low * power};
  return beyond ? copysign(half_pi, x) - y : y;
}
