// SmeLU: a ReLU whose corner is a parabola between -beta and beta. The curvature at both joints is 0.
struct SmeLU {
  static constexpr Spec spec{.name = "smelu", .formula = "where(x <= -beta, 0, where(x >= beta, x, (x + beta)^2/(4*beta)))",
                             .slope_formula = "where(x <= -beta, 0, where(x >= beta, 1, (x + beta)/(2*beta)))",
                             .curvature_formula = "where(abs(x) < beta, 1/(2*beta), 0)", .source = "Shamir, Lin and Coviello 2020, arXiv:2010.09931",
                             .description = "A ReLU with a parabola in place of the corner.",
                             .parameters = {{.name = "beta", .default_value = 1, .minimum = 1e-300, .meaning = "half the width of the parabola"}},
                             .aliases = "sparse_plus"};

  /// (x + beta)/2.
  template <class V> static Precise<V> height(V x, V beta) { return 0.5 * Precise<V>(x) + 0.5 * Precise<V>(beta); }
  /// The same over beta: what the parabola's slope is.
  template <class V> static Precise<V> incline(V x, V beta) {
    const Precise<V> h = height(x, beta);
    if constexpr (V::precise) {
      return h / beta;
    } else {
      const V inverse = 1.0 / beta, q = h * inverse;
      return fma(fma(-beta, q, h), inverse, q);
    }
  }
  template <class V> static V value(V x, V beta) {
    return select(x >= beta, x, select(x > -beta, rounded(incline(x, beta) * height(x, beta)), 0.0));
  }
  template <class V> static V slope(V x, V beta) { return select(x >= beta, 1.0, select(x > -beta, rounded(incline(x, beta)), 0.0)); }
  template <class V> static V curvature(V x, V beta) { return select(abs(x) < beta, 0.5 / beta, 0.0); }
  /// Nothing where neither the sum nor the quotient had to be rounded, and outside the parabola.
  template <class V> static V slope_error(V x, V y, V beta) {
    const Pair<V> h = two_sum(0.5 * x, 0.5 * beta);
    return select((abs(x) < beta) & !((h.low == 0.0) & (fma(-beta, y, h.high) == 0.0)), abs(y) * 0x1p-50, 0.0);
  }
};
