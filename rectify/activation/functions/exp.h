// The exponential, its own slope and curvature.
struct Exp {
  static constexpr Spec spec{.name = "exp", .formula = "exp(x)", .slope_formula = "exp(x)", .curvature_formula = "exp(x)",
                             .source = "the exponential function",
                             .description = "Grows without bound to the right, 0 to the left.",
                             .aliases = "exponential", .torch = "exp", .onnx = "Exp", .slope_at_plus_infinity = "inf", .curvature_at_plus_infinity = "inf"};

  template <class V> static V value(V x) { return exp(x); }
  template <class V> static V slope(V x) { return exp(x); }
  static constexpr size_t values_at_once = 8, slopes_at_once = 8;
  static double ordinary() { return 45; }
  template <class V> static V ordinary_value(V x) { return brief_exp(x); }
  template <class V> static V ordinary_slope(V x) { return brief_exp(x); }
  template <class V> static V curvature(V x) { return exp(x); }
};
