// Mish: a smooth, non-monotone gate. One exp; no term overflows or cancels. With w = exp(x) the gate is (w^2 + 2w)/(w^2 + 2w + 2);
// on the positive side everything is divided by the power of w that keeps it in range.
struct Mish {
  static constexpr Spec spec{.name = "mish", .formula = "x*tanh(softplus(x))", .source = "Misra 2019, arXiv:1908.08681",
                             .description = "The input gated by tanh of its softplus.", .torch = "mish", .onnx = "Mish", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    using P = Precise<V>;
    const auto below = x < 0.0;
    const auto [e, m, tail] = decaying_exp(-abs(x));
    const P r = (1.0 + e) * (1.0 + e), gate = quotient(select(below, e * (e + 2.0), 1.0 + (e + e)), r + select(below, P(1.0), e * e));
    return finished(below, gated(x, gate), tail);
  }
  template <class V> static V slope(V x) {
    using P = Precise<V>;
    const auto below = x < 0.0;
    const auto [e, m, tail] = decaying_exp(-abs(x));
    const P e1 = 1.0 + e, r = e1 * e1, square = e * e;
    const P d = r + select(below, P(1.0), square), t = 4.0 * bounded(x) * e1;
    const P n = select(below, e * fma(e + 2.0, d, t), fma(1.0 + (e + e), d, t * square));
    return near_root(mish_slope_root, x, finished(below, quotient(n, d * d), tail));
  }
  static constexpr int ordinary_slope_bits = 36;  // close to the slope's zero, where near_root takes over
  static constexpr size_t values_at_once = 8;
  static double ordinary() { return 20; }
  template <class V> static V ordinary_value(V x) {
    const V w = brief_exp(x), n = fma(w, w, w + w);
    return x * quotient(n, n + 2.0);
  }
  template <class V> static V ordinary_slope(V x) {
    const V w = brief_exp(x), square = fma(w, w, w), n = square + w, d = n + 2.0;
    return near_root(mish_slope_root, x, quotient(fma(4.0 * x, square, n * d), d * d));
  }
  template <class V> static V curvature(V x) {
    using P = Precise<V>;
    const auto below = x < 0.0;
    const auto [e, m, tail] = decaying_exp(-abs(x));
    const P e1 = 1.0 + e, d = e1 * e1 + select(below, P(1.0), e * e);
    const P below_terms = 2.0 + e * (2.0 - e * (3.0 + 2.0 * e)), above_terms = e * (e * (2.0 + 2.0 * e) - 3.0) - 2.0;
    const P bracket = fma(bounded(x), select(below, below_terms, above_terms), 2.0 * e1 * d);
    const V c = finished(quotient(4.0 * e * bracket, d * (d * d)), tail) * select(below, 1.0, high_of(e));
    return near_root(mish_curvature_left_root, x, near_root(mish_curvature_right_root, x, c));
  }
};
