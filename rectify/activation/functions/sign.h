// Sign: the symmetric threshold unit. The sign of a zero is that zero; the slope is 0 everywhere, at the jump too.
struct Sign {
  static constexpr Spec spec{.name = "sign", .formula = "sign(x)", .slope_formula = "0", .curvature_formula = "0",
                             .source = "Hubara, Courbariaux, Soudry, El-Yaniv and Bengio 2016, arXiv:1602.02830", .description = "-1, 0 or 1.",
                             .aliases = "signum threshold_symmetric", .onnx = "Sign", .at_minus_infinity = "-1", .at_plus_infinity = "1",
                             .slope_at_plus_infinity = "0", .kinks = "0", .piecewise_linear = true, .odd = true, .slope_from_output = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x) { return select(x > 0.0, V(1.0), select(x < 0.0, V(-1.0), x)); }
  template <class V> static V slope(V) { return 0.0; }
  template <class V> static V curvature(V) { return 0.0; }
};
