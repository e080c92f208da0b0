// Derivatives shared by the sigmoid, SiLU and Swish, whose argument is a pair z = beta*x.
// Textual: included inside a namespace after roots.h. No include guard.

/// The sigmoid's second derivative, s (1 - s) (1 - 2 s) = e (e - 1) / (1 + e)^3 with e = exp(-|z|), the sign being that of -z.
template <class V>
RECTIFY_INLINE V sigmoid_curvature(Pair<V> z) {
  const auto [e, m] = exp_and_expm1(minus_abs(z));
  const V d = 1.0 + e, c = copysign(divide(e * m, d * (d * d)), -z.high);
  if constexpr (V::narrow) {
    return select(abs(z.high) < 0x1p-30, z.high * -0x1.fffffffffffffp-4, c);  // -z/8 is a tie of subnormal numbers, the true value lies nearer to 0
  } else {
    return c;
  }
}

/// d/dz z s(z) = s (1 + z (1 - s)).
template <class V>
RECTIFY_INLINE V silu_slope(Pair<V> z) {
  const auto below = z.high < 0.0;
  const V e = exp(minus_abs(z)), d = 1.0 + e;
  const V n = select(below, e * (d + z.high), fma(z.high, e, d));
  return near_root(silu_slope_root, z, within_the_line(z.high, 0.5, divide(n, d * d)));
}

/// Its derivative, an even function: s (1 - s) (2 + z (1 - 2 s)).
template <class V>
RECTIFY_INLINE V silu_curvature(Pair<V> z) {
  const Pair<V> minus = minus_abs(z);
  const auto [e, m] = exp_and_expm1(minus);
  const V d = 1.0 + e, c = divide(e * fma(abs(z.high), m, d + d), d * (d * d));
  return near_root(silu_curvature_root, Pair<V>{-minus.high, -minus.low}, c);
}
