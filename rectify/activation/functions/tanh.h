// The hyperbolic tangent.
struct Tanh {
  static constexpr Spec spec{.name = "tanh", .formula = "tanh(x)", .source = "LeCun, Bottou, Orr and Mueller 1998, Efficient backprop",
                             .description = "Squashes to (-1, 1), centred at 0.", .aliases = "htan sigmoid_symmetric", .torch = "tanh", .onnx = "Tanh",
                             .at_minus_infinity = "-1", .at_plus_infinity = "1", .slope_at_plus_infinity = "0", .curvature_at_plus_infinity = "-0", .odd = true};

  template <class V> static V value(V x) { return tanh(x); }
  template <class V> static V slope(V x) { return tanh_slope(x); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary() { return 20; }
  template <class V> static V ordinary_value(V x) {
    const V m = half_expm1_of_twice(x);
    return copysign(quotient(m, 1.0 + m), x);
  }
  template <class V> static V ordinary_slope(V x) {
    const V e = brief_exp(x, V(-2.0)), d = 1.0 + e;
    return quotient(4.0 * e, d * d);
  }
  template <class V> static V curvature(V x) {
    const DecayingExp<V> e = decaying_exp(-2.0 * abs(x));
    const Precise<V> d = 1.0 + e.exp;
    return copysign(finished(quotient(Precise<V>(8.0 * e.exp * e.expm1), d * (d * d)), e.tail), -x);
  }
};
