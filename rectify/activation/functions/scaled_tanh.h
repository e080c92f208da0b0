// The hyperbolic tangent with an amplitude and a steepness, by default LeCun's: f(1) = 1 and f(-1) = -1, nearly.
struct ScaledTanh {
  static constexpr Spec spec{.name = "scaled_tanh", .formula = "alpha*tanh(beta*x)", .source = "LeCun, Bottou, Orr and Mueller 1998, Efficient backprop",
                             .description = "A tanh stretched so that the targets -1 and 1 lie where it bends most.",
                             .parameters = {{.name = "alpha", .default_value = 1.7159, .meaning = "amplitude"},
                                            {.name = "beta", .default_value = 2.0 / 3, .meaning = "steepness"}},
                             .aliases = "stanh lecun_tanh", .onnx = "ScaledTanh", .at_minus_infinity = "where(beta > 0, -alpha, where(beta < 0, alpha, 0))",
                             .at_plus_infinity = "where(beta > 0, alpha, where(beta < 0, -alpha, 0))",
                             .slope_at_minus_infinity = "where(alpha*beta < 0, -0, 0)", .slope_at_plus_infinity = "where(alpha*beta < 0, -0, 0)",
                             .curvature_at_minus_infinity = "where(alpha < 0, -0, 0)", .curvature_at_plus_infinity = "where(alpha > 0, -0, 0)", .odd = true};

  template <class V> static V value(V x, V alpha, V beta) {
    const auto z = scaled(beta, x);
    return select(abs(high_of(z)) < 0x1p-300, alpha * beta * x, rounded(alpha * precise_tanh(z)));  // there z may be subnormal
  }
  template <class V> static V slope(V x, V alpha, V beta) {
    const DecayingExp<V> e = decaying_exp(2.0 * as_precise(minus_abs(scaled(beta, x))));
    const Precise<V> d = 1.0 + e.exp;
    return finished(quotient(Precise<V>(4.0 * (alpha * Precise<V>(beta)) * e.exp), d * d), e.tail);
  }
  template <class V> static V curvature(V x, V alpha, V beta) {
    const auto z = scaled(beta, x);
    const DecayingExp<V> e = decaying_exp(2.0 * as_precise(minus_abs(z)));
    const Precise<V> d = 1.0 + e.exp, square = beta * Precise<V>(beta), m = select(high_of(z) < 0.0, -e.expm1, e.expm1);
    const V near = -2.0 * (alpha * beta) * (beta * beta) * x;
    return select(abs(high_of(z)) < 0x1p-300, near, finished(quotient(Precise<V>(8.0 * (alpha * square) * (e.exp * m)), d * (d * d)), e.tail));
  }
};
