// Sine, cosine and arctangent of the exact path's number.
// Textual: included inside a namespace after twofold_blocks-inl.h, whose header comment holds here too. No include guard.

/// x = quadrant pi/2 + r, |r| <= pi/4 but for a rounding.
struct ReducedAngle {
  unsigned quadrant;
  Twofold r;
};

/// |x| >= 1/2 times 1/(2 pi), modulo 1, in 256 binary places: those digits of 1/(2 pi) that the whole number x 2^-e leaves behind the point and before its last places.
inline ReducedAngle reduced_angle(double x) {
  __extension__ using Wide = unsigned __int128;
  const uint64_t bits = std::bit_cast<uint64_t>(x), whole = (bits & 0xFFFFFFFFFFFFFull) | 0x10000000000000ull;
  const unsigned start = static_cast<unsigned>((bits >> 52) & 0x7FF) - 1075 + 64;  // of the digits, for x = whole * 2^e with e >= -53
  uint64_t turns[4];
  Wide carry = 0;
  for (int i = 3; i >= 0; --i) {
    const unsigned word = start / 64 + static_cast<unsigned>(i), shift = start % 64;
    const uint64_t digits = shift == 0 ? inverse_two_pi[word] : (inverse_two_pi[word] << shift) | (inverse_two_pi[word + 1] >> (64 - shift));
    carry += Wide{digits} * whole;
    turns[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  unsigned quadrant = static_cast<unsigned>(turns[0] >> 62);
  for (int i = 0; i < 4; ++i) turns[i] = (turns[i] << 2) | (i < 3 ? turns[i + 1] >> 62 : 0);
  const bool upper_half = turns[0] >> 63 != 0;
  if (upper_half) {
    ++quadrant;
    for (uint64_t& word : turns) word = ~word;  // 1 minus the fraction, but for 2^-254
  }
  Twofold fraction = 0.0;
  for (int i = 3; i >= 0; --i) {
    const double place = power_of_two(Twofold(-64.0 * (i + 1))).high;
    fraction = fraction + static_cast<double>(turns[i] & 0xFFFFFFFFu) * place;
    fraction = fraction + static_cast<double>(turns[i] >> 32) * (0x1p32 * place);
  }
  const Twofold r = fraction * half_pi;
  if (x < 0) return {0 - quadrant, upper_half ? r : -r};
  return {quadrant, upper_half ? -r : r};
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
