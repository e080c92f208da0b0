// ISRU, the inverse square root unit: an algebraic sigmoid. mlpack's alpha is 0.1, the paper's 1.
struct ISRU {
  static constexpr Spec spec{.name = "isru", .formula = "x/sqrt(1 + alpha*x^2)", .slope_formula = "1/((1 + alpha*x^2)*sqrt(1 + alpha*x^2))",
                             .curvature_formula = "-3*alpha*x/((1 + alpha*x^2)^2*sqrt(1 + alpha*x^2))",
                             .source = "Carlile, Delamarter, Kinney, Marti and Whitney 2017, arXiv:1710.09967",
                             .description = "Squashes to +-1/sqrt(alpha) without exponentials.",
                             .parameters = {{.name = "alpha", .default_value = 1, .minimum = 0, .meaning = "inverse square of the bounds"}},
                             .at_minus_infinity = "where(alpha > 0, -1/sqrt(alpha), -inf)", .at_plus_infinity = "where(alpha > 0, 1/sqrt(alpha), inf)",
                             .slope_at_minus_infinity = "where(alpha > 0, 0, 1)", .slope_at_plus_infinity = "where(alpha > 0, 0, 1)",
                             .curvature_at_plus_infinity = "where(alpha > 0, -0, 0)", .odd = true};

  /// x, not so far out that the square would overflow: there everything has long reached its limit.
  template <class V> static V inside(V x, V alpha) {
    const V far = 0x1p400 / sqrt(alpha);
    return min(max(x, -far), far);
  }
  template <class V> static V value(V x, V alpha) {
    using P = Precise<V>;
    const P near_x = inside(x, alpha);
    const V y = rounded(near_x / sqrt(1.0 + P(alpha) * near_x * near_x));
    if constexpr (V::precise) return copysign(y, x);  // a pair loses the sign of a zero
    return y;
  }
  template <class V> static V slope(V x, V alpha) {
    using P = Precise<V>;
    const P near_x = inside(x, alpha), square = 1.0 + P(alpha) * near_x * near_x;
    return rounded(1.0 / square / sqrt(square));
  }
  template <class V> static V curvature(V x, V alpha) {
    using P = Precise<V>;
    const P near_x = inside(x, alpha), rise = P(alpha) * near_x, square = 1.0 + rise * near_x;
    const V c = rounded(-3.0 * rise / square / square / sqrt(square));
    if constexpr (V::precise) return copysign(c, -x);
    return c;
  }
};
