// Swish: SiLU with a sharpness. beta = 0 is x/2, a large beta approaches ReLU.
struct Swish {
  static constexpr Spec spec{.name = "swish", .formula = "x*sigmoid(beta*x)", .source = "Ramachandran, Zoph and Le 2017, arXiv:1710.05941",
                             .description = "The input gated by the sigmoid of beta times the input.",
                             .parameters = {{.name = "beta", .default_value = 1, .meaning = "sharpness of the gate"}}, .onnx = "Swish",
                             .at_minus_infinity = "where(beta > 0, -0, -inf)", .at_plus_infinity = "where(beta < 0, 0, inf)",
                             .slope_at_minus_infinity = "where(beta > 0, -0, where(beta < 0, 1, 1/2))",
                             .slope_at_plus_infinity = "where(beta > 0, 1, where(beta < 0, -0, 1/2))",
                             .curvature_at_minus_infinity = "where(beta > 0, -0, 0)", .curvature_at_plus_infinity = "where(beta > 0, -0, 0)"};

  template <class V> static V value(V x, V beta) {
    const Tailed<V> gate = tailed_sigmoid(scaled(beta, x));
    return finished(gated(x, gate.value), gate.tail);
  }
  template <class V> static V slope(V x, V beta) { return silu_slope(scaled(beta, x)); }
  static constexpr int ordinary_slope_bits = 36;  // close to the slope's zero, where near_root takes over
  static constexpr size_t values_at_once = 8;
  static double ordinary(double beta) { return activation::ordinary_size(40, beta); }
  template <class V> static V ordinary_value(V x, V beta) { return quotient(x, 1.0 + brief_exp(x, -beta)); }
  template <class V> static V ordinary_slope(V x, V beta) { return ordinary_silu_slope(beta * x); }
  template <class V> static V curvature(V x, V beta) { return beta * silu_curvature(scaled(beta, x)); }
};
