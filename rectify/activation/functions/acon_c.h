// ACON-C: a smooth maximum of the lines p1 x and p2 x. Written from the line that wins: with d = p1 - p2 and z = beta d x it is p2 x + d x s(z) for z <= 0
// and p1 x - d x s(-z) for z > 0, s being the sigmoid.
// The formula stops the sigmoid where it only tells the value from a tie.
struct AconC {
  static constexpr Spec spec{.name = "acon_c", .formula = "(p1 - p2)*x*sigmoid(min(beta*(p1 - p2)*x, 2000.3)) + p2*x", .source = "Ma, Zhang, Liu and Sun 2021, arXiv:2009.04759",
                             .description = "Learns whether to activate: a smooth maximum of two lines, SiLU by default.",
                             .parameters = {{.name = "p1", .default_value = 1, .learned = true, .meaning = "slope of one line"},
                                            {.name = "p2", .default_value = 0, .learned = true, .meaning = "slope of the other"},
                                            {.name = "beta", .default_value = 1, .learned = true, .meaning = "sharpness; 0 is the mean of the lines"}},
                             .aliases = "acon aconc",
                             .at_minus_infinity = "where(beta*(p1 - p2) > 0, where(p2 > 0, -inf, where(p2 < 0, inf, where(beta > 0, -0, 0))), "
                                                  "where(beta*(p1 - p2) < 0, where(p1 > 0, -inf, where(p1 < 0, inf, where(beta > 0, -0, 0))), "
                                                  "where(p1 + p2 > 0, -inf, where(p1 + p2 < 0, inf, 0))))",
                             .at_plus_infinity = "where(beta*(p1 - p2) > 0, where(p1 > 0, inf, where(p1 < 0, -inf, where(beta > 0, -0, 0))), "
                                                 "where(beta*(p1 - p2) < 0, where(p2 > 0, inf, where(p2 < 0, -inf, where(beta > 0, -0, 0))), "
                                                 "where(p1 + p2 > 0, inf, where(p1 + p2 < 0, -inf, 0))))",
                             .slope_at_minus_infinity = "where(beta*(p1 - p2) > 0, where(p2 < 0, p2, where(p2 > 0, p2, where(beta > 0, -0, 0))), "
                                                        "where(beta*(p1 - p2) < 0, where(p1 < 0, p1, where(p1 > 0, p1, where(beta > 0, -0, 0))), (p1 + p2)/2))",
                             .slope_at_plus_infinity = "where(beta*(p1 - p2) > 0, where(p1 < 0, p1, where(p1 > 0, p1, where(beta < 0, -0, 0))), "
                                                       "where(beta*(p1 - p2) < 0, where(p2 < 0, p2, where(p2 > 0, p2, where(beta < 0, -0, 0))), (p1 + p2)/2))",
                             .curvature_at_minus_infinity = "where(beta > 0, -0, 0)", .curvature_at_plus_infinity = "where(beta > 0, -0, 0)"};

  template <class V> static Precise<V> distance(V p1, V p2) { return Precise<V>(p1) - Precise<V>(p2); }
  template <class V> static Precise<V> argument(V x, V p1, V p2, V beta) { return beta * distance(p1, p2) * bounded(x); }

  template <class V> static V value(V x, V p1, V p2, V beta) {
    const Precise<V> z = argument(x, p1, p2, beta), d = distance(p1, p2);
    const auto first_wins = high_of(z) > 0.0;
    const Tailed<V> gate = tailed_sigmoid(minus_abs(z));
    const V line = select(first_wins, p1, p2), rest = finished(gated(x, select(first_wins, -d, d) * gate.value), gate.tail);
    return select(x > 0.0, -fma(line, -x, -rest), fma(line, x, rest));  // so that rest keeps its sign when it underflows and the line is 0
  }
  template <class V> static V slope(V x, V p1, V p2, V beta) {
    const Precise<V> z = argument(x, p1, p2, beta), d = distance(p1, p2);
    const auto first_wins = high_of(z) > 0.0;
    const V line = select(first_wins, p1, p2), factor = rounded(select(first_wins, -d, d)), gate = silu_slope(minus_abs(z));
    return select(line == 0.0, factor * gate, fma(factor, gate, line));
  }
  template <class V> static V curvature(V x, V p1, V p2, V beta) {
    const Precise<V> d = distance(p1, p2);
    return rounded(beta * d * d) * silu_curvature(argument(x, p1, p2, beta));
  }

  /// Terms cancel on the scale of the flatter line, and beside the roots of SiLU's derivatives, where the rounded argument counts.
  template <class V> static V flatter(V p1, V p2) { return 0x1p-44 * min(abs(p1), abs(p2)); }
  template <class V> static V beside(double root, V x, V p1, V p2, V beta) {
    return select(abs(abs(beta * (p1 - p2) * x) - root) < 0.125, 0x1p-48 * abs(p1 - p2), 0.0);
  }
  template <class V> static V value_error(V x, V y, V p1, V p2, V) { return fma(flatter(p1, p2), abs(x), 0x1p-42 * abs(y)); }
  template <class V> static V slope_error(V x, V y, V p1, V p2, V beta) { return 0x1p-42 * abs(y) + flatter(p1, p2) + beside(1.2785, x, p1, p2, beta); }
  template <class V> static V curvature_error(V x, V y, V p1, V p2, V beta) { return 0x1p-42 * abs(y) + abs(beta * (p1 - p2)) * beside(2.3994, x, p1, p2, beta); }
};
