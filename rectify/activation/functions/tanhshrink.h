// Tanhshrink: the input less its hyperbolic tangent, x^3/3 near 0. The formula stops tanh at 100, where it is 1 less 2^-287: near 2^24 that small part is all
// that tells x - tanh(x) from a tie of float32, and further out it is beyond the reach of any precision.
struct TanhShrink {
  static constexpr Spec spec{.name = "tanhshrink", .formula = "x - tanh(min(max(x, -100), 100))", .slope_formula = "tanh(x)^2", .source = "PyTorch, torch.nn.Tanhshrink",
                             .description = "Flat near 0, the identity less a constant far out.", .aliases = "tanh_shrink", .torch = "tanhshrink",
                             .at_minus_infinity = "-inf", .slope_at_minus_infinity = "1", .curvature_at_minus_infinity = "-0", .odd = true};

  template <class V> static V value(V x) { return select(x == 0.0, x * x * x, tanh_shortfall(x)); }  // pairs lose the sign of zero
  template <class V> static V slope(V x) {
    const Precise<V> t = precise_tanh(x);
    return rounded(t * t);
  }
  template <class V> static V curvature(V x) {
    const DecayingExp<V> e = decaying_exp(-2.0 * abs(x));
    const Precise<V> d = 1.0 + e.exp;
    return copysign(finished(quotient(Precise<V>(8.0 * e.exp * e.expm1), d * (d * d)), e.tail), x);
  }
};
