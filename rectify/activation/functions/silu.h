// SiLU: the input times its sigmoid.
struct SiLU {
  static constexpr Spec spec{.name = "silu", .formula = "x*sigmoid(x)", .source = "Elfwing, Uchibe and Doya 2018, arXiv:1702.03118",
                             .description = "The input gated by its own sigmoid.", .aliases = "sigmoid_linear_unit", .torch = "silu", .onnx = "Swish",
                             .at_minus_infinity = "-0", .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0",
                             .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Tailed<V> gate = tailed_sigmoid(x);
    return finished(gated(x, gate.value), gate.tail);
  }
  template <class V> static V slope(V x) { return silu_slope(x); }
  static constexpr int ordinary_slope_bits = 36;  // close to the slope's zero, where near_root takes over
  static constexpr size_t values_at_once = 8;
  static double ordinary() { return 40; }
  template <class V> static V ordinary_value(V x) { return quotient(x, 1.0 + brief_exp(x, V(-1.0))); }
  template <class V> static V ordinary_slope(V x) { return ordinary_silu_slope(x); }
  template <class V> static V curvature(V x) { return silu_curvature(x); }
};
