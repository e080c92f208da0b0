// The logistic function with a steepness.
struct Sigmoid {
  static constexpr Spec spec{.name = "sigmoid", .formula = "sigmoid(a*x)", .source = "Verhulst 1845; Rumelhart, Hinton and Williams 1986",
                             .description = "Squashes to (0, 1); saturates on both sides.",
                             .parameters = {{.name = "a", .default_value = 1, .meaning = "steepness"}}, .aliases = "logistic sig", .torch = "sigmoid",
                             .onnx = "Sigmoid", .at_minus_infinity = "where(a > 0, 0, where(a < 0, 1, 1/2))",
                             .at_plus_infinity = "where(a > 0, 1, where(a < 0, 0, 1/2))", .slope_at_minus_infinity = "where(a < 0, -0, 0)",
                             .slope_at_plus_infinity = "where(a < 0, -0, 0)", .curvature_at_minus_infinity = "where(a < 0, -0, 0)",
                             .curvature_at_plus_infinity = "where(a > 0, -0, 0)"};

  template <class V> static V value(V x, V a) {
    const Pair<V> z = scaled(a, x);
    return within_the_line(z.high, 0.25, sigmoid(z));
  }
  template <class V> static V slope(V x, V a) { return sigmoid_slope(scaled(a, x), a); }
  template <class V> static V curvature(V x, V a) { return sigmoid_curvature(scaled(a, x), a, a); }
};
