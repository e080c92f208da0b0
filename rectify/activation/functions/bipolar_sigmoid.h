// The sigmoid stretched to (-1, 1): tanh(x/2), without the cancellation of its textbook form.
struct BipolarSigmoid {
  static constexpr Spec spec{.name = "bipolar_sigmoid", .formula = "2*sigmoid(x) - 1", .source = "Fausett 1994, Fundamentals of neural networks",
                             .description = "The sigmoid centred at 0, with limits -1 and 1.", .at_minus_infinity = "-1", .at_plus_infinity = "1",
                             .slope_at_plus_infinity = "0", .curvature_at_plus_infinity = "-0", .odd = true};

  template <class V> static V value(V x) { return tanh(0.5 * x); }
  template <class V> static V slope(V x) { return sigmoid_slope(x, 2.0); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary() { return 40; }
  template <class V> static V ordinary_value(V x) {
    const V m = half_expm1_of_twice(0.5 * x);
    return copysign(quotient(m, 1.0 + m), x);
  }
  template <class V> static V ordinary_slope(V x) {
    const V e = brief_exp(x, V(-1.0)), d = 1.0 + e;
    return quotient(2.0 * e, d * d);
  }
  template <class V> static V curvature(V x) { return sigmoid_curvature(x, 2.0); }
};
