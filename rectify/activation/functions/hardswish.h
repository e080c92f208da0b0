// Hard Swish: x times a clipped line. The slope at -3 is -1/2 and at 3 it is 3/2 (the parabola's), as PyTorch has it.
struct HardSwish {
  static constexpr Spec spec{.name = "hardswish", .formula = "where(x <= -3, 0, where(x >= 3, x, x*(x + 3)/6))",
                             .slope_formula = "where(x < -3, 0, where(x <= 3, (2*x + 3)/6, 1))",
                             .curvature_formula = "where(x <= -3, 0, where(x >= 3, 0, 1/3))", .source = "Howard et al. 2019, arXiv:1905.02244",
                             .description = "A piecewise parabola that stands in for Swish.", .aliases = "hard_swish hard_silu hswish", .torch = "hardswish",
                             .onnx = "HardSwish", .kinks = "-3; 3"};

  template <class V> static V value(V x) {
    const V inside = min(max(x, -3.0), 3.0);
    return select(x <= -3.0, 0.0, select(x >= 3.0, x, inside * (inside + 3.0) / 6.0));
  }
  template <class V> static V slope(V x) { return select(x < -3.0, 0.0, select(x <= 3.0, fma(2.0, x, 3.0) / 6.0, 1.0)); }

  static double ordinary() { return 1e30; }
  template <class V> static V ordinary_value(V x) {
    const V gate = (x + 3.0) * (1.0 / 6.0);
    return select(x > -3.0, x * min(gate, 1.0), 0.0);
  }
  template <class V> static V ordinary_slope(V x) { return select(x < -3.0, 0.0, select(x <= 3.0, fma(2.0, x, 3.0) * (1.0 / 6.0), 1.0)); }
  template <class V> static V curvature(V x) { return select(abs(x) < 3.0, constant<V>(0x1.5555555555555p-2, 0x1.5555555555555p-56), 0.0); }
};
