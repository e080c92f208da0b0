// Hard shrinkage: the identity outside a band, 0 inside. The slope at the band's edges is 0, as PyTorch has it.
struct HardShrink {
  static constexpr Spec spec{.name = "hardshrink", .formula = "where(abs(x) > lambd, x, 0)", .slope_formula = "where(abs(x) > lambd, 1, 0)",
                             .curvature_formula = "0", .source = "Donoho and Johnstone 1994, Ideal spatial adaptation by wavelet shrinkage",
                             .description = "Silences what is small and keeps the rest as it is.",
                             .parameters = {{.name = "lambd", .default_value = 0.5, .minimum = 0, .meaning = "half the width of the silent band"}},
                             .aliases = "hard_shrink", .torch = "hardshrink", .onnx = "Shrink", .at_minus_infinity = "-inf", .slope_at_minus_infinity = "1",
                             .kinks = "-lambd; lambd", .piecewise_linear = true, .odd = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x, V lambd) { return select(abs(x) > lambd, x, x * 0.0); }
  template <class V> static V slope(V x, V lambd) { return select(abs(x) > lambd, V(1.0), 0.0); }
  template <class V> static V curvature(V, V) { return 0.0; }
};
