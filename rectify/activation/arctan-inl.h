// The inverse tangent on float64 lanes. Coefficients: series.py.
// Textual: included inside a namespace after blocks.h and jet.h. No include guard.

/// arctan(x). Relative error 2^-52. Beyond tan(pi/8) by way of (|x| - 1)/(|x| + 1) and pi/4, beyond tan(3 pi/8) of -1/|x| and pi/2.
template <class V>
RECTIFY_INLINE V arctan(V x) {
  constexpr double c[] = {-0x1.5555555555555p-2, 0x1.9999999999997p-3, -0x1.24924924920adp-3, 0x1.c71c71c6ddb9cp-4, -0x1.745d173563ab2p-4,
                          0x1.3b13aea9b6b8dp-4,  -0x1.1110cee3bf64dp-4, 0x1.e1d8e942d6a04p-5, -0x1.aebd1ae878ea3p-5, 0x1.829cc4e1e7318p-5,
                          -0x1.503bca2319832p-5, 0x1.f5ed3e2706fdfp-6, -0x1.c80e16e6b264ap-7};
  using P = Precise<V>;
  const V a = abs(x);
  const auto turned = a > 0x1.a8279ap-2, inverted = a > 0x1.3504f3p1;
  const P n = select(inverted, P(-1.0), select(turned, P(a) - 1.0, P(a))), d = select(inverted, P(a), select(turned, P(a) + 1.0, P(1.0)));
  const P z = n / d;
  const V high = high_of(z), square = high * high, cubic = high * square * polynomial(square, c);
  const V base = select(inverted, 0x1.921fb54442d18p0, select(turned, V(0x1.921fb54442d18p-1), 0.0));
  if constexpr (V::precise) {
    const V base_low = select(inverted, 0x1.1a62633145c07p-54, select(turned, V(0x1.1a62633145c07p-55), 0.0));
    return copysign(rounded(two_sum(base, high) + (base_low + (cubic + fma(-square, z.low, z.low)))), x);
  } else {
    return copysign(base + (z + cubic), x);
  }
}

template <class T>
RECTIFY_INLINE Jet<T> arctan(Jet<T> x) {
  return {arctan(x.v), x.d / (1.0 + x.v * x.v)};
}
