// Step: a threshold unit. At the threshold itself it is 1; its slope is 0 everywhere, at the jump too.
struct Step {
  static constexpr Spec spec{.name = "step", .formula = "where(x >= threshold, 1, 0)", .slope_formula = "0", .curvature_formula = "0",
                             .source = "McCulloch and Pitts 1943, A logical calculus of the ideas immanent in nervous activity",
                             .description = "1 from the threshold on, 0 below it.",
                             .parameters = {{.name = "threshold", .default_value = 0, .meaning = "where it jumps"}}, .aliases = "heaviside threshold_fn",
                             .at_plus_infinity = "1", .slope_at_plus_infinity = "0", .kinks = "threshold", .piecewise_linear = true, .slope_from_output = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x, V threshold) { return select(x < threshold, V(0.0), 1.0); }
  template <class V> static V slope(V, V) { return 0.0; }
  template <class V> static V curvature(V, V) { return 0.0; }
};
