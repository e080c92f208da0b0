// ELiSH: SiLU for positive numbers, (exp(x) - 1) sigmoid(x) for negative ones. The slope is continuous; the curvature jumps at 0, where it is SiLU's, 1/2.
struct ELiSH {
  static constexpr Spec spec{.name = "elish", .formula = "where(x >= 0, x, expm1(x))*sigmoid(x)", .source = "Basirat and Roth 2018, arXiv:1808.00783",
                             .description = "SiLU on the right, an ELU gated by the sigmoid on the left.", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const auto below = x < 0.0;
    const DecayingExp<V> e = decaying_exp(-abs(x));
    const Precise<V> d = 1.0 + e.exp;
    return select(below, finished(below, quotient(Precise<V>(e.exp * e.expm1), d), e.tail), gated(x, quotient(Precise<V>(1.0), d)));
  }
  template <class V> static V slope(V x) {
    const auto below = x < 0.0;
    const DecayingExp<V> e = decaying_exp(-abs(x));
    const Precise<V> d = 1.0 + e.exp;
    const Precise<V> n = select(below, e.exp * fma(e.exp, e.exp + 2.0, Precise<V>(-1.0)), fma(bounded(x), e.exp, d));
    return near_root(elish_slope_root, x, finished(below, quotient(n, d * d), e.tail));
  }
  template <class V> static V curvature(V x) {
    const auto below = x < 0.0;
    const DecayingExp<V> e = decaying_exp(-abs(x));
    const Precise<V> d = 1.0 + e.exp;
    const Precise<V> left = fma(fma(e.exp + 3.0, e.exp, Precise<V>(5.0)), e.exp, Precise<V>(-1.0)), right = fma(bounded(x), e.expm1, d + d);
    const V c = finished(quotient(Precise<V>(e.exp * select(below, left, right)), d * (d * d)), e.tail);
    return near_root(elish_curvature_root, x, select(below, c, near_root(silu_curvature_root, -x, c)));
  }
};
