// The sigmoid stretched to (-2, 2) about the origin, slope 1 there: 2 tanh(x/2) without the cancellation of its textbook form.
struct ScaledSigmoid {
  static constexpr Spec spec{.name = "scaled_sigmoid", .formula = "4*sigmoid(x) - 2", .source = "Xu, Huang and Li 2016, arXiv:1602.05980",
                             .description = "A sigmoid that is centred and has slope 1 at 0.", .at_minus_infinity = "-2",
                             .at_plus_infinity = "2", .slope_at_plus_infinity = "0", .curvature_at_plus_infinity = "-0", .odd = true};

  template <class V> static V value(V x) { return 2.0 * tanh(0.5 * x); }
  template <class V> static V slope(V x) { return sigmoid_slope(x, 4.0); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary() { return 40; }
  template <class V> static V ordinary_value(V x) {
    const V m = half_expm1_of_twice(0.5 * x);
    return copysign(quotient(m + m, 1.0 + m), x);
  }
  template <class V> static V ordinary_slope(V x) {
    const V e = brief_exp(x, V(-1.0)), d = 1.0 + e;
    return quotient(4.0 * e, d * d);
  }
  template <class V> static V curvature(V x) { return sigmoid_curvature(x, 4.0); }
};
