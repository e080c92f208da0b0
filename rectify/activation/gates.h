// Derivatives shared by the sigmoid, SiLU and Swish. The argument z is a number, or a pair where it is a parameter times x.
// Textual: included inside a namespace after roots.h. No include guard.

/// The sigmoid's second derivative, s (1 - s) (1 - 2 s) = e (e - 1) / (1 + e)^3 with e = exp(-|z|), the sign being that of -z.
template <class X>
RECTIFY_INLINE auto sigmoid_curvature(X z) {
  const auto [e, m] = exp_and_expm1(minus_abs(z));
  const auto high = high_of(z), d = 1.0 + e, c = copysign(e * m / (d * (d * d)), -high);
  if constexpr (decltype(high)::narrow) {
    return select(abs(high) < 0x1p-30, high * -0x1.fffffffffffffp-4, c);  // -z/8 is a tie of subnormal numbers, the true value lies nearer to 0
  } else {
    return c;
  }
}

/// d/dz z s(z) = s (1 + z (1 - s)).
template <class X>
RECTIFY_INLINE auto silu_slope(X z) {
  const auto high = high_of(z), e = exp_of_nonpositive(minus_abs(z)), d = 1.0 + e;
  const auto n = select(high < 0.0, e * (d + high), fma(high, e, d));
  return near_root(silu_slope_root, z, within_the_line(high, 0.5, n / (d * d)));
}

/// Its derivative, an even function: s (1 - s) (2 + z (1 - 2 s)).
template <class X>
RECTIFY_INLINE auto silu_curvature(X z) {
  const auto minus = minus_abs(z);
  const auto [e, m] = exp_and_expm1(minus);
  const auto d = 1.0 + e, c = e * fma(abs(high_of(z)), m, d + d) / (d * (d * d));
  return near_root(silu_curvature_root, minus, c);
}
