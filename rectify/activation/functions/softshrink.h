// Soft shrinkage: everything moves towards 0 by lambd and stops there. The slope at the band's edges is 0, as PyTorch has it.
struct SoftShrink {
  static constexpr Spec spec{.name = "softshrink", .formula = "where(abs(x) > lambd, x - sign(x)*lambd, 0)", .slope_formula = "where(abs(x) > lambd, 1, 0)",
                             .curvature_formula = "0", .source = "Donoho 1995, De-noising by soft-thresholding",
                             .description = "Silences what is small and brings the rest nearer to 0 by the same amount.",
                             .parameters = {{.name = "lambd", .default_value = 0.5, .minimum = 0, .meaning = "half the width of the silent band"}},
                             .aliases = "soft_shrink", .torch = "softshrink", .onnx = "Shrink", .at_minus_infinity = "-inf", .slope_at_minus_infinity = "1",
                             .kinks = "-lambd; lambd", .piecewise_linear = true, .odd = true};

  template <class V> static V value(V x, V lambd) { return select(x > lambd, x - lambd, select(x < -lambd, x + lambd, x * 0.0)); }
  template <class V> static V slope(V x, V lambd) { return select(abs(x) > lambd, V(1.0), 0.0); }
  template <class V> static V curvature(V, V) { return 0.0; }
  /// Nothing where the difference had not to be rounded.
  template <class V> static V value_error(V x, V y, V lambd) {
    return select((abs(x) > lambd) & !(two_sum(abs(x), -lambd).low == 0.0), abs(y) * 0x1p-50, 0.0);
  }
};
