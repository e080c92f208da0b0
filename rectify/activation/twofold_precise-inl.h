// The blocks of precise-inl.h and periodic-inl.h for the exact path's number.
// Textual: included inside a namespace after twofold_circle-inl.h and <.../activation/reduction.h>, in their place. No include guard.

inline Twofold ratio(Twofold x, Twofold a) { return x / a; }
inline Twofold scaled(double high, double low, Twofold x) { return Twofold(high, low) * x; }
inline Twofold precise_tanh(Twofold x) { return tanh(x); }
inline Twofold precise_tanh(Pair<Twofold> x) { return tanh(rounded(x)); }
inline Twofold precise_log1p_of_unit(Twofold e) { return log1p(e); }
inline Twofold precise_erf(Twofold x) { return erf(x); }
inline Tailed<Twofold> tailed_softplus(Twofold x) { return {softplus(x), 1.0}; }
inline Tailed<Twofold> bell(Twofold x) { return {exp(-(x * x)), 1.0}; }
inline Tailed<Twofold> precise_gaussian(Twofold x) { return gaussian(x); }
inline Tailed<Twofold> precise_normal_distribution(Twofold x) { return tailed_normal_distribution(x); }
inline Tailed<Twofold> finely_exp(Twofold x) { return {exp(x), 1.0}; }

/// exp(x) - 1 - x for x in [-0.35, 0.35].
inline Twofold exp_excess(Twofold x) { return x * x * series<23>(x, inverse_factorial + 2, 13); }

/// x - tanh(x). Near 0 it is (x cosh(x) - sinh(x)) / cosh(x), of whose series no term cancels; far out |x| - 1 and something, however small.
inline Twofold tanh_shortfall(Twofold x) {
  const Twofold a = abs(x);
  if (a.high < 0.75) {
    const Twofold z = x * x;
    Twofold numerator = 0.0, denominator = 0.0;
    for (int k = 13; k > 0; --k) {
      numerator = numerator * z + 2.0 * k * inverse_factorial[2 * k + 1];
      denominator = denominator * z + inverse_factorial[2 * k];
    }
    return x * (z * numerator / (1.0 + z * denominator));
  }
  const Twofold e = exp(-2.0 * a);
  return copysign((a - 1.0) + max(2.0 * e / (1.0 + e), 0x1p-400), x);
}

/// See periodic-inl.h.
template <class V>
struct Wave {
  V sine, cosine, versine, raised_sine;
};

inline Wave<Twofold> wave(Twofold a, Twofold x) {
  Twofold r = a * x;
  double quadrant = 0;
  if (!(std::fabs(r.high) < 0.75)) {
    const activation::ReducedAngle angle = activation::reduced_angle(a.high, x.high);  // factors and arguments are float64 numbers
    r = Twofold(angle.high, angle.low);
    quadrant = angle.quadrant;
  }
  const Twofold z = r * r, v = z * series<14>(-z, inverse_factorial + 2, 8, 2), s = sine_of_reduced(r), c = 1.0 - v;
  if (quadrant == 0) return {s, c, v, 1.0 + s};
  if (quadrant == 1) return {c, -s, 1.0 + s, 1.0 + c};
  if (quadrant == -1) return {-c, s, 1.0 - s, v};
  return {-s, -c, 1.0 + c, 1.0 - s};
}
