// Blocks that are as precise as the lanes ask for: quotients, tanh, logarithm and error function of pairs, and differences without their cancellation.
// Textual: included inside a namespace after jet.h. No include guard. Coefficients: series.py.
//
// Each relative error is 2^-54 for precise lanes and 2^-50 for the others.

/// x/a; a is not 0.
template <class V>
RECTIFY_INLINE Precise<V> ratio(V x, V a) {
  if constexpr (V::precise) {
    const V high = min(max(x / a, -0x1p900), 0x1p900);
    return {high, select(abs(high) < 0x1p900, fma(-high, a, x) / a, 0.0)};
  } else {
    return x / a;
  }
}

/// x times a number of two parts.
template <class V>
RECTIFY_INLINE Precise<V> scaled(double high, double low, V x) {
  if constexpr (V::precise) {
    const V inside = min(max(x, -0x1p900), 0x1p900);
    const Pair<V> z = two_product<V>(high, inside);
    return {z.high, fma(inside, low, z.low)};
  } else {
    return constant<V>(high, low) * x;
  }
}

/// tanh(x) of a number or a pair.
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Precise<V> precise_tanh(X x) {
  const Precise<V> m = decaying_exp(2.0 * as_precise(minus_abs(x))).expm1, t = m / (2.0 + m);
  return select(high_of(x) < 0.0, t, -t);
}

/// log(1 + e) for e in [0, 1], a number or a pair.
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Precise<V> precise_log1p_of_unit(X e) {
  if constexpr (V::precise) {
    const auto above = high_of(e) > 0x1.a8279ap-2;  // sqrt(2) - 1
    const Pair<V> f = select(above, Pair<V>(e) * 0.5 - 0.5, Pair<V>(e)), s = f / (2.0 + f);
    const Pair<V> l = f - s * (f - log1p_bend(s.high * s.high));
    return select(above, Pair<V>(V(log_2_high), V(log_2_low)) + l, l);
  } else {
    return log1p_of_unit(e);
  }
}

/// log(1 + exp(x)).
template <class V>
RECTIFY_INLINE Tailed<V> tailed_softplus(V x) {
  const DecayingExp<V> e = decaying_exp(-abs(x));
  return {max(x, 0.0) + precise_log1p_of_unit(e.exp), select(x < 0.0, e.tail, 1.0)};
}

/// exp(-x^2/2) of a number or a pair.
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Tailed<V> precise_gaussian(X x) {
  if constexpr (V::precise) {
    const Pair<V> a = minus_abs(Pair<V>(x));
    const V inside = max(a.high, -64.0);
    const Pair<V> square = two_product(inside, inside);
    const DecayingExp<V> e = decaying_exp(Pair<V>(-0.5 * square.high, fma(-inside, select(inside == a.high, a.low, 0.0), -0.5 * square.low)));
    return {e.exp, e.tail};
  } else {
    return gaussian(high_of(x));
  }
}

/// The normal distribution function of a number or a pair.
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Tailed<V> precise_normal_distribution(X x) {
  if constexpr (V::precise) {
    const auto below = high_of(x) < 0.0;
    const auto [e, tail] = precise_gaussian(x);
    const Pair<V> upper = e * mills(-minus_abs(Pair<V>(x)));
    return {select(below, upper, 1.0 - upper), select(below, tail, 1.0)};
  } else {
    return tailed_normal_distribution(high_of(x));
  }
}

/// exp(-x^2) of a number or a pair.
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Tailed<V> bell(X x) {
  if constexpr (V::precise) {
    const Pair<V> a = minus_abs(Pair<V>(x));
    const V inside = max(a.high, -32.0);
    const Pair<V> square = two_product(inside, inside);
    const DecayingExp<V> e = decaying_exp(Pair<V>(-square.high, fma(-2.0 * inside, select(inside == a.high, a.low, 0.0), -square.low)));
    return {e.exp, e.tail};
  } else {
    const V a = min(abs(high_of(x)), 32.0);
    return {exp_of_nonpositive(-(a * a)), 1.0};
  }
}

/// erf(x) of a number or a pair.
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Precise<V> precise_erf(X x) {
  if constexpr (V::precise) {
    const auto small = abs(high_of(x)) <= 1.0;
    const Pair<V> z = x, inside = select(small, z, 1.0), square = inside * inside;
    const Pair<V> near = inside * (Pair<V>(V(two_over_sqrt_pi), V(two_over_sqrt_pi_low)) + square * polynomial(square.high, erf_coefficients));
    const Pair<V> a = -minus_abs(z), far = 1.0 - 2.0 * bell(z).value * mills(a * precise_constant<V>(sqrt_2, sqrt_2_low));
    return select(small, near, select(high_of(x) < 0.0, -far, far));
  } else {
    return erf(x);
  }
}

/// exp(x) with a relative error of 2^-64 for precise lanes, for x <= 700, so that the exponential of a multiple of it is still right.
template <class V>
RECTIFY_INLINE Tailed<V> finely_exp(V x) {
  if constexpr (V::precise) {
    constexpr double c[] = {0x1.1111111111111p-7,  0x1.6c16c16c16c17p-10, 0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-16, 0x1.71de3a556c734p-19,
                            0x1.27e4fb7789f5cp-22, 0x1.ae64567f544e4p-26, 0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33, 0x1.93974a8c07c9dp-37, 0x1.ae7f3e733b81fp-41};
    const V inside = max(x, lowest_exponent<V>), k = round(inside * inverse_log_2);
    const Pair<V> r = normalised(fma(k, -log_2_high, inside), k * -log_2_low);  // the fma is exact: its operands cancel
    const Pair<V> fourth(V(0x1.5555555555555p-5), fma(r.high, polynomial(r.high, c), 0x1.5555555555555p-59));
    const Pair<V> third = Pair<V>(V(0x1.5555555555555p-3), V(0x1.5555555555555p-57)) + r * fourth;
    const Pair<V> p = 1.0 + r * (1.0 + r * (0.5 + r * third));
    const auto low = k < -1000.0;
    const V power = power_of_two(select(low, k + 512.0, k));
    return {{power * p.high, power * p.low}, select(low, select(k < -1150.0, 0.0, 0x1p-512), 1.0)};
  } else {
    return {exp(x), 1.0};
  }
}

/// exp(x) - 1 - x for x in [-0.35, 0.35].
template <class V>
RECTIFY_INLINE Precise<V> exp_excess(V x) {
  constexpr double c[] = {0x1.5555555555555p-3,  0x1.5555555555555p-5,  0x1.1111111111111p-7,  0x1.6c16c16c16c17p-10, 0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-16,
                          0x1.71de3a556c734p-19, 0x1.27e4fb7789f5cp-22, 0x1.ae64567f544e4p-26, 0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33, 0x1.93974a8c07c9dp-37};
  if constexpr (V::precise) {
    return two_product(x, x) * (0.5 + two_product(x, polynomial(x, c)));
  } else {
    return x * x * fma(x, polynomial(x, c), 0.5);
  }
}

/// x - tanh(x), rounded. Error 2^-52 (narrow: 2^-50).
template <class V>
RECTIFY_INLINE V tanh_shortfall(V x) {
  constexpr double c[] = {-0x1.1111111111111p-3, 0x1.ba1ba1ba1ba0ep-5,  -0x1.664f4882c06bcp-6, 0x1.226e355e3b2bfp-7,  -0x1.d6d3d0d1e489fp-9,  0x1.7da362d6c90f7p-10,
                          -0x1.35580c55bcc7fp-11, 0x1.f57b514b2ce1cp-13, -0x1.966c650daf541p-14, 0x1.4911530f2e900p-15, -0x1.0920539bd5a71p-16, 0x1.a34b82aeab87fp-18,
                          -0x1.3a46399951c21p-19, 0x1.a2223745098b3p-21, -0x1.bddb2a500bb24p-23, 0x1.46001e38240f8p-25, -0x1.db97883b76f09p-29};
  const auto small = abs(x) < 1.0;
  const V inside = select(small, x, 1.0), square = inside * inside;
  const V far = rounded(as_precise(x) - precise_tanh(x));
  if constexpr (V::precise) {
    const Pair<V> exact = two_product(inside, inside), third(V(0x1.5555555555555p-2), V(0x1.5555555555555p-56));
    const Pair<V> near = exact * (third + exact * polynomial(square, c));
    return select(small, rounded(inside * near), far);
  } else {
    return select(small, inside * square * fma(square, polynomial(square, c), 0x1.5555555555555p-2), far);
  }
}
