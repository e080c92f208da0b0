// Derivatives shared by the sigmoid, SiLU and Swish. The argument z is a number, or a pair where it is a parameter times x.
// Textual: included inside a namespace after roots-inl.h. No include guard.

/// The sigmoid's second derivative, s (1 - s) (1 - 2 s) = e (e - 1) / (1 + e)^3 with e = exp(-|z|), the sign being that of -z, times the factors (positive).
template <class X, class... Factor>
RECTIFY_INLINE auto sigmoid_curvature(X z, Factor... factor) {
  using V = decltype(high_of(z));
  const DecayingExp<V> e = decaying_exp(minus_abs(z));
  const Precise<V> d = 1.0 + e.exp;
  const V high = high_of(z), c = copysign(finished((quotient(Precise<V>(e.exp * e.expm1), d * (d * d)) * ... * factor), e.tail), -high);
  if constexpr (V::twofold) return select(abs(high) < 0x1p-30, (V(-0.125) * ... * factor) * high * (1.0 - high * high * (1.0 / 3)), c);  // keeps the cubic term
  return select(abs(high) < 0x1p-30, (V(-0.125) * ... * factor) * high, c);  // near 0 it is -z/8, kept from subnormal intermediate results
}

/// d/dz z s(z) = s (1 + z (1 - s)).
template <class X>
RECTIFY_INLINE auto silu_slope(X z) {
  using V = decltype(high_of(z));
  const auto below = high_of(z) < 0.0;
  const DecayingExp<V> e = decaying_exp(minus_abs(z));
  const Precise<V> argument = bounded(z), d = 1.0 + e.exp, n = select(below, e.exp * (d + argument), fma(argument, e.exp, d));
  return near_root(silu_slope_root, z, finished(below, quotient(n, d * d), e.tail));
}

/// The same for |z| <= 40, without regard to the side. Error 2^-44.
template <class V>
RECTIFY_INLINE V ordinary_silu_slope(V z) {
  const V e = brief_exp(z, V(-1.0)), d = 1.0 + e;
  return near_root(silu_slope_root, z, quotient(fma(z, e, d), d * d));
}

/// Its derivative, an even function: s (1 - s) (2 + z (1 - 2 s)).
template <class X>
RECTIFY_INLINE auto silu_curvature(X z) {
  using V = decltype(high_of(z));
  const X minus = minus_abs(z);
  const DecayingExp<V> e = decaying_exp(minus);
  const Precise<V> d = 1.0 + e.exp, n = e.exp * (d + d - as_precise(minus) * e.expm1);
  return near_root(silu_curvature_root, minus, finished(quotient(n, d * (d * d)), e.tail));
}
