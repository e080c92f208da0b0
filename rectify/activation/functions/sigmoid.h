// The logistic function with a steepness.
struct Sigmoid {
  static constexpr Spec spec{.name = "sigmoid", .formula = "sigmoid(a*x)", .source = "Verhulst 1845; Rumelhart, Hinton and Williams 1986",
                             .description = "Squashes to (0, 1); saturates on both sides.",
                             .parameters = {{.name = "a", .default_value = 1, .meaning = "steepness"}}, .aliases = "logistic sig", .torch = "sigmoid",
                             .onnx = "Sigmoid", .at_minus_infinity = "where(a > 0, 0, where(a < 0, 1, 1/2))",
                             .at_plus_infinity = "where(a > 0, 1, where(a < 0, 0, 1/2))", .slope_at_minus_infinity = "where(a < 0, -0, 0)",
                             .slope_at_plus_infinity = "where(a < 0, -0, 0)", .curvature_at_minus_infinity = "where(a < 0, -0, 0)",
                             .curvature_at_plus_infinity = "where(a > 0, -0, 0)"};

  template <class V> static V value(V x, V a) { return sigmoid(scaled(a, x)); }
  template <class V> static V slope(V x, V a) { return sigmoid_slope(scaled(a, x), a); }
  static constexpr size_t values_at_once = 8, slopes_at_once = 8;
  static double ordinary(double a) { return activation::ordinary_size(40, a); }
  template <class V> static V ordinary_value(V x, V a) { return quotient(V(1.0), 1.0 + brief_exp(x, -a)); }
  template <class V> static V ordinary_slope(V x, V a) {
    const V e = brief_exp(x, -a), d = 1.0 + e;
    return quotient(a * e, d * d);
  }
  template <class V> static V curvature(V x, V a) { return sigmoid_curvature(scaled(a, x), a, a); }
};
