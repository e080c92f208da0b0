// PSSiLU: a SiLU shifted down its gate and scaled back to slope 1.
struct PSSiLU {
  static constexpr Spec spec{.name = "pssilu", .formula = "x*(sigmoid(alpha*x) - beta)/(1 - beta)", .source = "Dai, Mahloujifar and Mittal 2021, arXiv:2110.05626",
                             .description = "A SiLU with a learned sharpness whose gate is shifted to rise left of 0 instead of vanishing.",
                             .parameters = {{.name = "alpha", .default_value = 1, .learned = true, .meaning = "sharpness of the gate"},
                                            {.name = "beta", .default_value = 0.1, .meaning = "shift of the gate, below 1"}},
                             .requirement = "beta < 1",
                             .at_minus_infinity = "where(alpha > 0, where(beta > 0, inf, where(beta < 0, -inf, -0)), "
                                                  "where(alpha < 0, -inf, where(beta < 1/2, -inf, where(beta > 1/2, inf, 0))))",
                             .at_plus_infinity = "where(alpha > 0, inf, where(alpha < 0, where(beta > 0, -inf, where(beta < 0, inf, 0)), "
                                                 "where(beta < 1/2, inf, where(beta > 1/2, -inf, 0))))",
                             .slope_at_minus_infinity = "where(alpha > 0, -beta/(1 - beta), where(alpha < 0, 1, (1/2 - beta)/(1 - beta)))",
                             .slope_at_plus_infinity = "where(alpha > 0, 1, where(alpha < 0, -beta/(1 - beta), (1/2 - beta)/(1 - beta)))",
                             .curvature_at_minus_infinity = "where(alpha > 0, -0, 0)", .curvature_at_plus_infinity = "where(alpha > 0, -0, 0)"};

  template <class V> static Precise<V> span(V beta) { return 1.0 - Precise<V>(beta); }
  template <class V> static V value(V x, V alpha, V beta) {
    const Tailed<V> gate = tailed_sigmoid(scaled(alpha, x));
    const Precise<V> shifted = (gate.value - Precise<V>(beta)) / span(beta);
    return finished(beta == 0.0, gated(x, shifted), gate.tail);
  }
  template <class V> static V slope(V x, V alpha, V beta) {
    const V s = silu_slope(scaled(alpha, x));
    return select(beta == 0.0, s, rounded((s - Precise<V>(beta)) / span(beta)));
  }
  template <class V> static V curvature(V x, V alpha, V beta) { return rounded(Precise<V>(alpha) / span(beta)) * silu_curvature(scaled(alpha, x)); }

  template <class V> static V value_error(V x, V y, V, V beta) { return 0x1p-42 * abs(y) + 0x1p-47 * abs(x * beta / (1.0 - beta)); }
  template <class V> static V slope_error(V x, V y, V alpha, V beta) {
    const V near_the_root = select(abs(alpha * x + 1.2785) < 0.125, V(0x1p-48), 0.0);
    return 0x1p-42 * abs(y) + (0x1p-43 * abs(beta) + near_the_root) / (1.0 - beta);
  }
  template <class V> static V curvature_error(V x, V y, V alpha, V beta) {
    const V near_the_root = select(abs(abs(alpha * x) - 2.3994) < 0.125, V(0x1p-48), 0.0);
    return 0x1p-42 * abs(y) + near_the_root * abs(alpha) / (1.0 - beta);
  }
};
