// Logish: the input gated by log(1 + sigmoid(x)). With e = exp(-|x|) the gate's slope is e/((1 + e)(2 + e)), left of 0 e/((1 + e)(1 + 2e)).
struct Logish {
  static constexpr Spec spec{.name = "logish", .formula = "x*log1p(sigmoid(x))", .source = "Zhu, Zeng, Liu, Zou and Guan 2021, Neurocomputing 458, 490-499",
                             .description = "The input gated by the logarithm of one plus its sigmoid.", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .slope_at_plus_infinity = "0.69314718055994530942", .curvature_at_minus_infinity = "-0",
                             .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Tailed<V> sigma = tailed_sigmoid(x);
    return finished(gated(x, precise_log1p_of_unit(sigma.value)), sigma.tail);
  }
  template <class V> static V slope(V x) {
    const auto below = x < 0.0;
    const DecayingExp<V> e = decaying_exp(-abs(x));
    const Precise<V> d = 1.0 + e.exp, q = e.exp / (d * (select(below, e.exp, Precise<V>(1.0)) + d));
    const Precise<V> gate = precise_log1p_of_unit(select(below, e.exp, Precise<V>(1.0)) / d);
    return near_root(logish_slope_root, x, finished(below, fma(bounded(x), q, gate), e.tail));
  }
  template <class V> static V curvature(V x) {
    const auto below = x < 0.0;
    const DecayingExp<V> e = decaying_exp(-abs(x));
    const Precise<V> d = (1.0 + e.exp) * (1.0 + e.exp + select(below, e.exp, Precise<V>(1.0))), square = e.exp * e.exp;
    const Precise<V> bend = select(below, 1.0 - 2.0 * square, square - 2.0) / d;
    const V c = finished(e.exp / d * fma(bounded(x), bend, Precise<V>(2.0)), e.tail);
    return near_root(logish_curvature_left_root, x, near_root(logish_curvature_right_root, x, c));
  }
};
