// Hard tanh: the identity, clipped. The slope at both ends is 0, as PyTorch has it.
struct HardTanh {
  static constexpr Spec spec{.name = "hardtanh", .formula = "min(max(x, min_val), max_val)", .slope_formula = "where(x > min_val, where(x < max_val, 1, 0), 0)",
                             .curvature_formula = "0", .source = "Collobert 2004, Large scale machine learning",
                             .description = "The identity between two bounds, flat outside.",
                             .parameters = {{.name = "min_val", .default_value = -1, .meaning = "lower bound"},
                                            {.name = "max_val", .default_value = 1, .meaning = "upper bound, at least the lower one"}},
                             .requirement = "min_val <= max_val", .aliases = "hard_tanh clip clamp", .torch = "hardtanh", .onnx = "Clip", .at_minus_infinity = "min_val",
                             .at_plus_infinity = "max_val", .slope_at_plus_infinity = "0", .kinks = "min_val; max_val", .piecewise_linear = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x, V low, V high) { return select(x < low, low, select(x > high, high, x)); }
  template <class V> static V slope(V x, V low, V high) { return select((x > low) & (x < high), V(1.0), 0.0); }
  template <class V> static V curvature(V, V, V) { return 0.0; }
};
