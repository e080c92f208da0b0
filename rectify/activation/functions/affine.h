// Affine: a straight line with a fixed slope and offset.
struct Affine {
  static constexpr Spec spec{.name = "affine", .formula = "alpha*x + beta", .source = "ONNX, Affine of the recurrent operators",
                             .description = "A straight line.",
                             .parameters = {{.name = "alpha", .default_value = 1, .meaning = "slope"}, {.name = "beta", .default_value = 0, .meaning = "offset"}},
                             .at_minus_infinity = "where(alpha > 0, -inf, where(alpha < 0, inf, beta))",
                             .at_plus_infinity = "where(alpha > 0, inf, where(alpha < 0, -inf, beta))",
                             .slope_at_minus_infinity = "alpha", .slope_at_plus_infinity = "alpha", .piecewise_linear = true, .slope_from_output = true};

  template <class V> static V value(V x, V alpha, V beta) { return fma(alpha, x, beta); }
  template <class V> static V slope(V, V alpha, V) { return alpha; }
  template <class V> static V curvature(V, V, V) { return 0.0; }
};
