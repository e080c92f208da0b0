// Well-conditioned building blocks on float64 lanes: exp, expm1, log, log1p, tanh, the sigmoid's parts, erf, erfc, the normal distribution.
// Textual: included inside a namespace after the lanes (see lanes_scalar.h for the interface of V). No include guard.
//
// Branch-free but for rare ranges; only + - * fma, IEEE division, comparisons and bit operations, so every target gives the same bits. Arguments are finite.
// Errors are relative, for results that are normal numbers; subnormal results are rounded once more.
// Coefficients: blocks.sollya, which also proves the polynomials' part of the error.

/// An unevaluated sum, |low| <= ulp(high)/2.
template <class V>
struct Pair {
  V high, low;
};

template <class V>
RECTIFY_INLINE Pair<V> two_product(V a, V b) {
  const V high = a * b;
  return {high, fma(a, b, -high)};
}

template <class V>
RECTIFY_INLINE Pair<V> two_sum(V a, V b) {
  const V high = a + b, part = high - a;
  return {high, (a - (high - part)) + (b - part)};
}

/// c[0] + c[1] x + ..., the even and the odd part by Horner's rule: half the latency for one more multiplication.
template <class V, int count>
RECTIFY_INLINE V polynomial(V x, const double (&c)[count]) {
  static_assert(count >= 4);
  const V square = x * x;
  constexpr int last = count - 1;
  V high = c[last], low = c[last - 1];  // the part that holds the last coefficient, and the other one
#pragma GCC unroll 16
  for (int i = last - 2; i >= 0; i -= 2) {
    high = fma(high, square, c[i]);
    if (i > 0) low = fma(low, square, c[i - 1]);
  }
  return last % 2 == 0 ? fma(low, x, high) : fma(high, x, low);
}

inline constexpr double log_2_high = 0x1.62e42fefa39efp-1, log_2_low = 0x1.abc9e3b39803fp-56, inverse_log_2 = 0x1.71547652b82fep0;
inline constexpr double inverse_sqrt_2_pi = 0x1.9884533d43651p-2;

/// exp(x) = 2^k (1 + q), k whole, |q| < 0.415.
template <class V>
struct ReducedExp {
  V k, q;
};

template <class V, class... Low>
RECTIFY_INLINE ReducedExp<V> reduced_exp(V x, Low... low) {
  constexpr double c[] = {0x1.0000000000001p-1,  0x1.555555555554dp-3,  0x1.5555555553ce5p-5,  0x1.11111111144ccp-7,  0x1.6c16c178a6ddap-10,
                          0x1.a01a018c38d6cp-13, 0x1.a019b8c736f7ap-16, 0x1.71de59ec2cdcfp-19, 0x1.2891c27991284p-22, 0x1.aeabd6c30a70ap-26};
  const V k = fma(x, inverse_log_2, 0x1.8p52) - 0x1.8p52;
  const V r = (fma(k, -log_2_low, fma(k, -log_2_high, x)) + ... + low);
  return {k, fma(r * r, polynomial(r, c), r)};
}

/// p 2^k rounded once, for p in [1/2, 2]; k in [-1022, 1023] for narrow lanes, else in [-2000, 2000].
template <class V>
RECTIFY_INLINE V scale(V p, V k) {
  if constexpr (V::narrow) {
    return p * power_of_two(k);
  } else {
    const V half = round(k * 0.5);  // two steps, of which only the second can round: subnormal results are exact to half an ulp
    return (p * power_of_two(half)) * power_of_two(k - half);
  }
}

/// The range outside which exp only says "0" or "infinity".
template <class V>
inline constexpr double lowest_exponent = V::narrow ? -708.0 : -800.0;
template <class V>
inline constexpr double highest_exponent = V::narrow ? 709.0 : 800.0;

/// exp(x). Error 2^-52.4.
template <class V>
RECTIFY_INLINE V exp(V x) {
  const auto [k, q] = reduced_exp<V>(min(max(x, lowest_exponent<V>), highest_exponent<V>));
  return scale(1.0 + q, k);
}

/// exp(high + low). Error 2^-52.
template <class V>
RECTIFY_INLINE V exp(Pair<V> x) {
  const V inside = min(max(x.high, lowest_exponent<V>), highest_exponent<V>);
  const auto [k, q] = reduced_exp<V>(inside, select(inside == x.high, x.low, 0.0));
  return scale(1.0 + q, k);
}

/// exp(x) for x <= 0. Error 2^-52.4.
template <class V>
RECTIFY_INLINE V exp_of_nonpositive(V x) {
  const auto [k, q] = reduced_exp<V>(max(x, lowest_exponent<V>));
  return scale(1.0 + q, k);
}

/// exp(high + low) for high <= 0. Error 2^-52.
template <class V>
RECTIFY_INLINE V exp_of_nonpositive(Pair<V> x) {
  const V inside = max(x.high, lowest_exponent<V>);
  const auto [k, q] = reduced_exp<V>(inside, select(inside == x.high, x.low, 0.0));
  return scale(1.0 + q, k);
}

/// exp(x) and exp(x) - 1 from one reduction, each to 2^-52, for x <= 0.
template <class V>
struct ExpPair {
  V exp, expm1;
};

template <class V>
RECTIFY_INLINE ExpPair<V> scaled_pair(ReducedExp<V> reduced) {
  const auto [k, q] = reduced;
  const V power = power_of_two(V::narrow ? k : max(k, -1000.0));
  return {V::narrow ? fma(power, q, power) : scale(1.0 + q, k), fma(power, q, power - 1.0)};
}

template <class V>
RECTIFY_INLINE ExpPair<V> exp_and_expm1(V x) {
  return scaled_pair(reduced_exp<V>(max(x, lowest_exponent<V>)));
}

template <class V>
RECTIFY_INLINE ExpPair<V> exp_and_expm1(Pair<V> x) {
  const V inside = max(x.high, lowest_exponent<V>);
  return scaled_pair(reduced_exp<V>(inside, select(inside == x.high, x.low, 0.0)));
}

/// exp(x) - 1 for x <= 0. Error 2^-52.
template <class V>
RECTIFY_INLINE V expm1_of_nonpositive(V x) {
  const auto [k, q] = reduced_exp<V>(max(x, -100.0));
  const V power = power_of_two(k);
  return fma(power, q, power - 1.0);
}

/// exp(x) - 1. Error 2^-52.
template <class V>
RECTIFY_INLINE V expm1(V x) {
  const auto [k, q] = reduced_exp<V>(min(max(x, -100.0), highest_exponent<V>));
  const V half = power_of_two(min(k, 1024.0) - 1.0);  // 2^1024 is not a number, its half is; beyond, infinity comes of itself
  return select(k == 0.0, q, fma(half, q, half - 0.5) * select(k > 1024.0, 0x1p1023, 2.0));
}

/// f - log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)]. Error 2^-51.
template <class V>
RECTIFY_INLINE V log1p_shortfall_reduced(V f) {
  constexpr double c[] = {0x1.5555555555558p-1, 0x1.9999999995303p-2, 0x1.2492492df3035p-2, 0x1.c71c62e0b72cep-3,
                          0x1.7462b661a64aap-3, 0x1.39fe212aef3dcp-3, 0x1.2b5b85337437bp-3};
  const V s = f / (2.0 + f), z = s * s;
  return s * fma(-z, polynomial(z, c), f);
}

/// log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)]. Error 2^-52.
template <class V>
RECTIFY_INLINE V log1p_reduced(V f) {
  return f - log1p_shortfall_reduced(f);
}

/// log(1 + e) for e in [0, 1]. Error 2^-52. Neither 1 + e nor anything else is rounded before the reduction.
template <class V>
RECTIFY_INLINE V log1p_of_unit(V e) {
  const auto above = e > 0x1.a8279ap-2;  // sqrt(2) - 1
  const V l = log1p_reduced(select(above, fma(e, 0.5, -0.5), e));
  return select(above, log_2_high + (l + log_2_low), l);
}

/// x = m 2^k with m in [sqrt(1/2), sqrt(2)], for normal x > 0.
template <class V>
struct Split {
  V k, m;
};

template <class V>
RECTIFY_INLINE Split<V> split(V x) {
  const V m = mantissa(x), k = exponent(x);
  const auto above = m > 0x1.6a09e6p0;
  return {select(above, k + 1.0, k), select(above, m * 0.5, m)};
}

/// log(x) for x > 0. Error 2^-52.
template <class V>
RECTIFY_INLINE V log(V x) {
  const auto tiny = x < 0x1p-1000;
  const auto [k, m] = split(select(tiny, x * 0x1p60, x));
  const V power = select(tiny, k - 60.0, k);
  return fma(power, log_2_high, fma(power, log_2_low, log1p_reduced(m - 1.0)));
}

/// log(1 + x) for x > -1. Error 2^-52.
template <class V>
RECTIFY_INLINE V log1p(V x) {
  const auto [sum, rest] = two_sum<V>(1.0, x);
  const auto [k, m] = split(sum);
  const auto near_zero = k == 0.0;  // then x itself is the reduced argument, without a rounding
  const V l = log1p_reduced(select(near_zero, x, fma(rest, power_of_two(-k), m - 1.0)));
  return select(near_zero, l, fma(k, log_2_high, fma(k, log_2_low, l)));
}

/// z - log(1 + z) and log(1 + z) from one reduction, for z >= 0. The former is good to 2^-51 for z < 0.41, where the difference would cancel.
template <class V>
struct ShortfallAndLog {
  V shortfall, log;
};

template <class V>
RECTIFY_INLINE ShortfallAndLog<V> log1p_and_shortfall(V z) {
  const auto [sum, rest] = two_sum<V>(1.0, z);
  const auto [k, m] = split(sum);
  const V f = select(k == 0.0, z, fma(rest, power_of_two(-k), m - 1.0)), shortfall = log1p_shortfall_reduced(f);
  return {shortfall, fma(k, log_2_high, fma(k, log_2_low, f - shortfall))};
}

/// log(1 + exp(x)). Error 2^-51.
template <class V>
RECTIFY_INLINE V softplus(V x) {
  return max(x, 0.0) + log1p_of_unit(exp_of_nonpositive(-abs(x)));
}

/// tanh(x). Error 2^-51.
template <class V>
RECTIFY_INLINE V tanh(V x) {
  const V m = expm1_of_nonpositive(-2.0 * abs(x));
  return copysign(-m / (2.0 + m), x);
}

// What takes a number or a pair: X is V or Pair<V>.
template <class V>
RECTIFY_INLINE V high_of(V x) {
  return x;
}

template <class V>
RECTIFY_INLINE V high_of(Pair<V> x) {
  return x.high;
}

template <class V>
RECTIFY_INLINE V minus_abs(V x) {
  return -abs(x);
}

template <class V>
RECTIFY_INLINE Pair<V> minus_abs(Pair<V> x) {
  return {-abs(x.high), select(x.high < 0.0, x.low, -x.low)};
}

/// 1 / (1 + exp(-x)). Error 2^-51.
template <class X>
RECTIFY_INLINE auto sigmoid(X x) {
  const auto e = exp_of_nonpositive(minus_abs(x));
  return select(high_of(x) < 0.0, e, 1.0) / (1.0 + e);
}

/// The derivative of tanh, 1 / cosh(x)^2. Error 2^-50.
template <class V>
RECTIFY_INLINE V tanh_slope(V x) {
  const V e = exp_of_nonpositive(-2.0 * abs(x)), d = 1.0 + e;
  return (4.0 * e) / (d * d);
}

/// The derivative of the sigmoid, s (1 - s). Error 2^-50.
template <class X>
RECTIFY_INLINE auto sigmoid_slope(X x) {
  const auto e = exp_of_nonpositive(minus_abs(x)), d = 1.0 + e;
  return e / (d * d);
}

/// exp(-x^2/2). Error 2^-52.
template <class V>
RECTIFY_INLINE V gaussian(V x) {
  const V a = min(abs(x), 64.0);
  const Pair<V> square = two_product(a, a);
  return exp_of_nonpositive(Pair<V>{-0.5 * square.high, -0.5 * square.low});
}

/// Mills' ratio of the normal distribution over sqrt(2 pi): (1 - Phi(a)) exp(a^2/2), a >= 0. Error 2^-51 up to a = 40 (narrow: 16), where exp(-a^2/2) ends.
template <class V>
RECTIFY_INLINE V mills(V a) {
  if constexpr (V::narrow) {
    constexpr double c[] = {0x1.05604091f22c9p0,   0x1.a4f14f984e93ap-1,  0x1.208e0686bfd88p-1,  0x1.51a9ff0a64766p-2,  0x1.4ff0437ee21fap-3,
                            0x1.18ccfc85facdep-4,  0x1.80d5a04cf7b15p-6,  0x1.9ad340f6561aep-8,  0x1.2b72c7ed00221p-10, 0x1.20c6c0f365161p-14,
                            -0x1.12e3f96682ed9p-15, -0x1.57803f65e1678p-17, -0x1.2e9d58f58f72ap-22, 0x1.04e1f8be9e84fp-21, 0x1.560c923a611d8p-24,
                            -0x1.3e80ea1ee496p-26, -0x1.a49d6d2572484p-28, 0x1.42b8bf9e215dcp-31, 0x1.5c99d08f86b43p-32};
    const V q = 1.0 / (min(a, 16.0) + 6.0);
    return q * polynomial((q - 0x1.b26c9b26c9b27p-4) * 0x1.07fffffffef8p4, c);
  } else {
    constexpr double c[] = {0x1.b30b52fe27787p-1,  0x1.66a356c45f0f3p-1,  0x1.effffeef974cep-2,  0x1.1ccb5a7d95aacp-2,  0x1.092dacfb432f1p-3,
                            0x1.7c6f6bcd56017p-5,  0x1.704159f4b1751p-7,  0x1.d3c9e36156dcep-11, -0x1.1694e0b3b4e8bp-11, -0x1.9ffe825ba03f7p-13,
                            0x1.0e3e5ab544948p-18, 0x1.332e730f8c189p-16, 0x1.09efab85f9006p-19, -0x1.b5f260e3c0daap-20, -0x1.513e7db710f58p-22,
                            0x1.6355f44c3a1f5p-23, 0x1.3fbadffbfd813p-25, -0x1.4c40f74cbf566p-26, -0x1.f7ede692d09dep-29, 0x1.3292c4471518p-29,
                            0x1.01c57e18f7f9fp-32, -0x1.735e374a60645p-33};
    const V q = 1.0 / (min(a, 40.0) + 5.0);
    return q * polynomial((q - 0x1.c71c71c71c71cp-4) * 0x1.67fffffffe97fp3, c);
  }
}

/// Phi(x), the normal distribution function. Error 2^-50.
template <class V>
RECTIFY_INLINE V normal_distribution(V x) {
  const V tail = gaussian(x) * mills(abs(x));
  return select(x < 0.0, tail, 1.0 - tail);
}

/// erfc(x). Error 2^-50.
template <class V>
RECTIFY_INLINE V erfc(V x) {
  const V a = min(abs(x), 32.0);
  const Pair<V> square = two_product(a, a);
  const V tail = (exp_of_nonpositive(Pair<V>{-square.high, -square.low}) * 2.0) * mills(a * 0x1.6a09e667f3bcdp0);
  return select(x < 0.0, 2.0 - tail, tail);
}

/// erf(x). Error 2^-51.
template <class V>
RECTIFY_INLINE V erf(V x) {
  constexpr double c[] = {0x1.20dd750429b6dp0,  -0x1.812746b0379cap-2, 0x1.ce2f21a041df3p-4,  -0x1.b82ce3125647ap-6, 0x1.565bcd07fa605p-8,
                          -0x1.c02db2f9c2b97p-11, 0x1.f9a30b576b8cdp-14, -0x1.f4d05fc88779p-17, 0x1.b9cd79977710dp-20, -0x1.5e94fcc841835p-23,
                          0x1.f253bae7bd7b4p-27, -0x1.290ef2ae1b7c8p-30, 0x1.bcc76750375a2p-35};
  const V a = min(abs(x), 1.0);
  return select(abs(x) <= 1.0, x * polynomial(a * a, c), copysign(1.0 - erfc(abs(x)), x));
}

/// x, kept from overflowing where a formula multiplies it before an exponential makes the product vanish. A float32 cannot.
template <class V>
RECTIFY_INLINE V bounded(V x) {
  if constexpr (V::narrow) {
    return x;
  } else {
    return min(max(x, -0x1p1000), 0x1p1000);
  }
}

/// a*x for an a that float32 need not hold: rounded so that the rounding to float32 that follows rounds the product itself.
template <class V>
RECTIFY_INLINE V rounded_product(V a, V x) {
  if constexpr (V::narrow) {
    const Pair<V> product = two_product(a, x);
    return to_odd(product.high, product.low);
  } else {
    return a * x;
  }
}

/// a*x as a pair: what exp() and the sigmoids take where a parameter scales the input.
template <class V>
RECTIFY_INLINE Pair<V> scaled(V a, V x) {
  const V high = bounded(a * x);
  return {high, fma(a, x, -high)};
}

/// Near 0 a gate s is 1/2 plus something with the sign of x. For a float32 x so small that s rounds to 1/2 itself, x*s would be a tie of the
/// subnormal numbers that the true product is not: s moves off 1/2 by one unit.
template <class V>
RECTIFY_INLINE V off_the_half(V x, V s) {
  if constexpr (V::narrow) {
    const auto near = abs(x) < 0x1p-40;
    if (any(near)) [[unlikely]] return select(near, 0.5 + copysign(V(0x1p-53), x), s);
  }
  return s;
}

/// 1/2 + c x - d x^3 with a cubic term below float64's resolution is a tie of float32 for some x although the true value lies nearer to 1/2:
/// it moves there by two units. c is a power of two, at most 1/2.
template <class V>
RECTIFY_INLINE V within_the_line(V x, double c, V s) {
  if constexpr (V::narrow) {
    const auto near = abs(x) < 0x1p-16;
    if (any(near)) [[unlikely]] return select(near, 0.5 + (x * c - copysign(V(0x1p-52), x)), s);
  }
  return s;
}
