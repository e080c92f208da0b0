// Leaky ReLU: a fixed small slope on the negative side. The slope at 0 is negative_slope, as PyTorch has it.
struct LeakyReLU {
  static constexpr Spec spec{.name = "leaky_relu", .formula = "where(x > 0, x, negative_slope*x)", .slope_formula = "where(x > 0, 1, negative_slope)",
                             .curvature_formula = "0",
                             .source = "Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network acoustic models",
                             .description = "A ReLU that keeps a small slope on its silent side, so that no unit stays dead.",
                             .parameters = {{.name = "negative_slope", .default_value = 0.01, .meaning = "slope for x <= 0"}},
                             .aliases = "lrelu", .torch = "leaky_relu", .onnx = "LeakyRelu",
                             .at_minus_infinity = "where(negative_slope > 0, -inf, where(negative_slope < 0, inf, -0))",
                             .slope_at_minus_infinity = "negative_slope", .kinks = "0", .piecewise_linear = true};

  template <class V> static V value(V x, V negative_slope) { return select(x > 0.0, x, negative_slope * x); }
  template <class V> static V slope(V x, V negative_slope) { return select(x > 0.0, 1.0, negative_slope); }
  template <class V> static V curvature(V, V) { return 0.0; }
  static double leak(double negative_slope) { return negative_slope; }
};
