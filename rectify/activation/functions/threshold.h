// Threshold: the identity above the threshold, a constant up to it. The slope at the threshold is 0, as PyTorch has it; PyTorch gives the two
// parameters no defaults, here they are 0: a ReLU.
struct Threshold {
  static constexpr Spec spec{.name = "threshold", .formula = "where(x > threshold, x, value)", .slope_formula = "where(x > threshold, 1, 0)",
                             .curvature_formula = "0", .source = "PyTorch, threshold", .description = "The input above the threshold, a constant elsewhere.",
                             .parameters = {{.name = "threshold", .default_value = 0, .meaning = "what the input has to exceed"},
                                            {.name = "value", .default_value = 0, .meaning = "what replaces it otherwise"}},
                             .torch = "threshold", .at_minus_infinity = "value", .kinks = "threshold", .piecewise_linear = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x, V threshold, V otherwise) { return select(x > threshold, x, otherwise); }
  template <class V> static V slope(V x, V threshold, V) { return select(x > threshold, V(1.0), 0.0); }
  template <class V> static V curvature(V, V, V) { return 0.0; }
};
