// Mish: a smooth, non-monotone gate. One exp; no term overflows or cancels. With w = exp(x) the gate is (w^2 + 2w)/(w^2 + 2w + 2);
// on the positive side everything is divided by the power of w that keeps it in range.
struct Mish {
  static constexpr Spec spec{.name = "mish", .formula = "x*tanh(softplus(x))", .source = "Misra 2019, arXiv:1908.08681",
                             .description = "The input gated by tanh of its softplus.", .torch = "mish", .onnx = "Mish", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const auto below = x < 0.0;
    const V e = exp_of_nonpositive(-abs(x)), r = (1.0 + e) * (1.0 + e);
    return x * select(below, e * (e + 2.0), 1.0 + (e + e)) / (r + select(below, 1.0, e * e));
  }
  template <class V> static V slope(V x) {
    const auto below = x < 0.0;
    const V e = exp_of_nonpositive(-abs(x)), e1 = 1.0 + e, r = e1 * e1;
    const V d = r + select(below, 1.0, e * e), t = 4.0 * bounded(x) * e1;
    const V n = select(below, e * fma(e + 2.0, d, t), fma(1.0 + (e + e), d, t * e * e));
    const V s = near_root(mish_slope_root, x, n / (d * d));
    if constexpr (V::narrow) return select(abs(x) < 0x1p-26, fma(x, 0.64, 0.6 - 0x1p-52), s);  // 0.6 + 0.64 x is a tie at -5/2^29, the true value is below it
    return s;
  }
  template <class V> static V curvature(V x) {
    constexpr double below_terms[] = {2.0, 2.0, -3.0, -2.0}, above_terms[] = {-2.0, -3.0, 2.0, 2.0};
    const auto below = x < 0.0;
    const V e = exp_of_nonpositive(-abs(x)), e1 = 1.0 + e, d = fma(e1, e1, select(below, 1.0, e * e));
    const V bracket = fma(bounded(x), select(below, polynomial(e, below_terms), polynomial(e, above_terms)), 2.0 * e1 * d);
    const V c = 4.0 * e * bracket / (d * (d * d)) * select(below, 1.0, e);
    return near_root(mish_curvature_left_root, x, near_root(mish_curvature_right_root, x, c));
  }
};
