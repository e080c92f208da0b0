// TanhExp: the input gated by tanh(exp(x)). Beyond 7 the gate is 1 in float64; the formula stops at 20, where the gate is 1 but for its billionth bit.
struct TanhExp {
  static constexpr Spec spec{.name = "tanh_exp", .formula = "x*tanh(exp(min(x, 20)))", .source = "Liu and Di 2020, arXiv:2003.09855",
                             .description = "The input gated by tanh of its exponential: almost the identity from 1 on.", .aliases = "telu tanhexp",
                             .at_minus_infinity = "-0", .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0",
                             .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Tailed<V> w = finely_exp(min(x, 7.0));
    return finished(gated(x, precise_tanh(w.value)), w.tail);
  }
  /// w/cosh(w)^2, the gate's slope, with the tails of both its exponentials, only one of which is ever long.
  template <class V> static Tailed<V> density(const Tailed<V>& w) {
    const DecayingExp<V> e = decaying_exp(-2.0 * w.value);
    const Precise<V> d = 1.0 + e.exp;
    return {4.0 * w.value * e.exp / (d * d), w.tail * e.tail};
  }
  template <class V> static V slope(V x) {
    const Tailed<V> w = finely_exp(min(x, 7.0));
    return near_root(tanh_exp_slope_root, x, finished(fma(bounded(x), density(w).value, precise_tanh(w.value)), w.tail));
  }
  template <class V> static V curvature(V x) {
    const Tailed<V> w = finely_exp(min(x, 7.0)), rise = density(w);
    const Precise<V> bracket = fma(bounded(x), 1.0 - 2.0 * w.value * precise_tanh(w.value), Precise<V>(2.0));
    const V c = finished(rise.value * bracket, rise.tail);
    return near_root(tanh_exp_curvature_left_root, x, near_root(tanh_exp_curvature_right_root, x, c));
  }
  /// The error of exp(x) counts exp(x) times in exp(-2 exp(x)).
  template <class V> static V curvature_error(V x, V y) { return abs(y) * select(x > 0.0, V(0x1p-38), 0x1p-42); }
};
