// PReLU: a leaky ReLU whose negative slope is learned. The slope at 0 is that of the negative side, as PyTorch has it.
struct PReLU {
  static constexpr Spec spec{.name = "prelu", .formula = "where(x > 0, x, slope*x)", .slope_formula = "where(x > 0, 1, slope)", .curvature_formula = "0",
                             .source = "He, Zhang, Ren and Sun 2015, arXiv:1502.01852", .description = "A leaky ReLU that learns its negative slope.",
                             .parameters = {{.name = "slope", .default_value = 0.25, .learned = true, .meaning = "slope for x <= 0"}},
                             .aliases = "parametric_relu", .torch = "prelu", .onnx = "PRelu",
                             .at_minus_infinity = "where(slope > 0, -inf, where(slope < 0, inf, -0))", .slope_at_minus_infinity = "slope", .kinks = "0",
                             .piecewise_linear = true};

  template <class V> static V value(V x, V negative) { return select(x > 0.0, x, negative * x); }
  template <class V> static V slope(V x, V negative) { return select(x > 0.0, 1.0, negative); }
  template <class V> static V curvature(V, V) { return 0.0; }
  static double leak(double negative) { return negative; }
};
