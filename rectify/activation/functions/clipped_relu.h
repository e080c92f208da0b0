// Clipped ReLU: a ReLU with a ceiling. The slope at 0 and at the ceiling is 0, as PyTorch has it for ReLU6.
struct ClippedReLU {
  static constexpr Spec spec{.name = "clipped_relu", .formula = "min(max(x, 0), ceiling)", .slope_formula = "where(x > 0, where(x < ceiling, 1, 0), 0)",
                             .curvature_formula = "0", .source = "Hannun et al. 2014, arXiv:1412.5567", .description = "A ReLU with a ceiling.",
                             .parameters = {{.name = "ceiling", .default_value = 6, .minimum = 0, .minimum_allowed = false, .meaning = "largest value"}},
                             .aliases = "bounded_relu", .at_plus_infinity = "ceiling", .slope_at_plus_infinity = "0", .kinks = "0; ceiling",
                             .piecewise_linear = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x, V ceiling) { return select(x > 0.0, select(x > ceiling, ceiling, x), 0.0); }
  template <class V> static V slope(V x, V ceiling) { return select((x > 0.0) & (x < ceiling), V(1.0), 0.0); }
  template <class V> static V curvature(V, V) { return 0.0; }
};
