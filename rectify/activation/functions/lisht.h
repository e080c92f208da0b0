// LiSHT: the input times its hyperbolic tangent, an even function.
struct LiSHT {
  static constexpr Spec spec{.name = "lisht", .formula = "x*tanh(x)", .source = "Roy, Manna, Dubey and Chaudhuri 2019, arXiv:1901.05894",
                             .description = "The input times its tanh: never negative, symmetric, |x| far out.", .at_minus_infinity = "inf",
                             .slope_at_minus_infinity = "-1", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const V a = abs(x);
    return select(a == 0.0, a * a, gated(a, precise_tanh(a)));
  }
  template <class V> static V slope(V x) {
    const Precise<V> a = bounded(abs(x));
    const DecayingExp<V> e = decaying_exp(-2.0 * abs(x));
    const Precise<V> d = 1.0 + e.exp;
    return copysign(rounded(quotient(Precise<V>(4.0 * a * e.exp - e.expm1 * d), d * d)), x);
  }
  template <class V> static V curvature(V x) {
    const V a = abs(x);
    const DecayingExp<V> e = decaying_exp(-2.0 * a);
    const Precise<V> d = 1.0 + e.exp;
    return near_root(lisht_curvature_root, -a, finished(quotient(Precise<V>(8.0 * e.exp * fma(bounded(a), e.expm1, d)), d * (d * d)), e.tail));
  }
};
