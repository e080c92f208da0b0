// Well-conditioned building blocks on float64 lanes: exp, expm1, log, log1p, softplus, tanh and the sigmoid. The normal distribution is in normal-inl.h.
// Textual: included inside a namespace after pairs-inl.h. No include guard.
//
// Branch-free but for rare ranges; only + - * fma, IEEE division, comparisons and bit operations, so every target gives the same bits.
// Arguments are finite. Errors are relative, for results that are normal numbers; subnormal results are rounded once more.
// Coefficients: blocks.sollya, which also proves the polynomials' part of the error.

/// c[0] + c[1] x + ..., the even and the odd part by Horner's rule: half the latency for one more multiplication.
template <int count, class V>
RECTIFY_INLINE V polynomial(V x, const double* c) {
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

template <class V, int count>
RECTIFY_INLINE V polynomial(V x, const double (&c)[count]) {
  return polynomial<count>(x, static_cast<const double*>(c));
}

inline constexpr double log_2_high = 0x1.62e42fefa39efp-1, log_2_low = 0x1.abc9e3b39803fp-56, inverse_log_2 = 0x1.71547652b82fep0;

/// exp(x) = power (1 + q): float64's lanes have power = 2^k as k, |q| < 0.415; narrow lanes have power = 2^(k/16) itself, |q| < 0.022.
template <class V>
struct ReducedExp {
  V power;
  Precise<V> q;
};

template <class V, class... Low>
RECTIFY_INLINE ReducedExp<V> reduced_exp(V x, Low... low) {
  if constexpr (V::precise) {
    constexpr double c[] = {0x1p-1,                0x1.5555555555557p-3,  0x1.5555555555552p-5,  0x1.1111111110055p-7,
                            0x1.6c16c16c18931p-10, 0x1.a01a01ac1b399p-13, 0x1.a01a0197bd567p-16, 0x1.71de01b5a8f36p-19,
                            0x1.27e500de8c048p-22, 0x1.af4eb92961a66p-26, 0x1.1f32f0c8c838dp-29};
    const V k = fma(x, inverse_log_2, 0x1.8p52) - 0x1.8p52;
    const Pair<V> r = normalised(fma(k, -log_2_high, x), ((k * -log_2_low) + ... + low));  // the fma is exact: its operands cancel
    const Pair<V> q = normalised(r.high, r.high * r.high * polynomial(r.high, c));
    return {k, {q.high, fma(r.low, r.high, q.low + r.low)}};
  } else {
    constexpr double c[] = {0x1.ffffffffffffbp-2, 0x1.55555554dd114p-3, 0x1.55555555bc909p-5, 0x1.11120b2cc9749p-7, 0x1.6c171249c17f9p-10};
    const V t = fma(x, 16 * inverse_log_2, 0x1.8p52);
    const V r = fma(t - 0x1.8p52, -log_2_high / 16, x);
    return {sixteenths(t), fma(r * r, polynomial(r, c), r)};
  }
}

/// The range outside which exp only says "0" or "infinity".
template <class V>
inline constexpr double lowest_exponent = V::narrow ? -708.0 : -800.0;
template <class V>
inline constexpr double highest_exponent = V::narrow ? 709.0 : 800.0;

template <class V>
RECTIFY_INLINE ReducedExp<V> reduced_exp_of_nonpositive(V x) {
  return reduced_exp<V>(max(x, lowest_exponent<V>));
}

template <class V>
RECTIFY_INLINE ReducedExp<V> reduced_exp_of_nonpositive(Pair<V> x) {
  const V inside = max(x.high, lowest_exponent<V>);
  return reduced_exp<V>(inside, select(inside == x.high, x.low, 0.0));
}

/// p 2^k rounded once, for p in [1/2, 2]; k in [-2000, 2000].
template <class V>
RECTIFY_INLINE V scale(V p, V k) {
  const V half = round(k * 0.5);  // two steps, of which only the second can round: subnormal results are exact to half an ulp
  return (p * power_of_two(half)) * power_of_two(k - half);
}

template <class V>
RECTIFY_INLINE V finished(ReducedExp<V> e) {
  if constexpr (V::precise) {
    return scale(rounded(1.0 + e.q), e.power);
  } else {
    return fma(e.power, e.q, e.power);
  }
}

/// exp(x). Error 2^-52.4 (narrow: 2^-47).
template <class V>
RECTIFY_INLINE V exp(V x) {
  return finished(reduced_exp<V>(min(max(x, lowest_exponent<V>), highest_exponent<V>)));
}

/// exp(factor x) for |factor x| <= 46, error 2^-45 (2^-43 up to 700): for what only has to be good enough to be rounded to float32 nearly always.
/// What depends on the factor alone is computed once, before a loop.
template <class V>
RECTIFY_INLINE V brief_exp(V x, V factor = 1.0) {
  constexpr double c[] = {0x1.ffffffff57a0fp-2, 0x1.55555555e5a77p-3, 0x1.5556b37c2c993p-5, 0x1.111153c301926p-7};
  const V square = factor * factor, cube = square * factor;
  const V t = fma(x, factor * (16 * inverse_log_2), 0x1.8p52);
  const V r = fma(t - 0x1.8p52, (-log_2_high / 16) / factor, x), power = sixteenths(t);  // x less a multiple of log(2)/(16 factor)
  const V sum = fma(fma(fma(r, cube * square * c[3], square * square * c[2]), r, cube * c[1]), r, square * c[0]);
  return fma(power * r, fma(sum, r, factor), power);  // exp(factor r) = 1 + r (factor + r sum)
}

/// (exp(2x) - 1)/2 for |x| <= 350. Error 2^-46.
template <class V>
RECTIFY_INLINE V half_expm1_of_twice(V x) {
  constexpr double c[] = {0x1.ffffffffffffbp-1, 0x1.55555554dd114p-1, 0x1.55555555bc909p-2, 0x1.11120b2cc9749p-3, 0x1.6c171249c17f9p-5};  // reduced_exp's, times 2^k
  const V t = fma(x, 32 * inverse_log_2, 0x1.8p52);
  const V r = fma(t - 0x1.8p52, -log_2_high / 32, x), power = sixteenths(t);
  return fma(power, fma(r * r, polynomial(r, c), r), fma(power, 0.5, -0.5));
}

/// exp(x) for x <= 0, a number or a pair. Error 2^-52.4 (narrow: 2^-47).
template <class X>
RECTIFY_INLINE auto exp_of_nonpositive(X x) {
  return finished(reduced_exp_of_nonpositive(x));
}

/// A quantity value * tail, where tail is 1 or, if the quantity may be subnormal, a power of two that makes `value` normal:
/// what is multiplied to `value` then rounds once, at the end.
template <class V>
struct Tailed {
  Precise<V> value;
  V tail;
};

/// result * tail where `applies`, else the result, which is a number or a pair.
template <class V, class Result>
RECTIFY_INLINE V finished(typename V::Mask applies, Result result, V tail) {
  if constexpr (V::precise) {
    return rounded(result) * select(applies, tail, 1.0);
  } else {
    return result;
  }
}

template <class V, class Result>
RECTIFY_INLINE V finished(Result result, V tail) {
  if constexpr (V::precise) {
    return rounded(result) * tail;
  } else {
    return result;
  }
}

/// exp(x) and exp(x) - 1 from one reduction, for x <= 0. Error 2^-52 (precise: 2^-55). The exp is to be multiplied by `tail`.
template <class V>
struct DecayingExp {
  Precise<V> exp, expm1;
  V tail;
};

template <class V>
RECTIFY_INLINE DecayingExp<V> decaying(ReducedExp<V> reduced) {
  if constexpr (V::precise) {
    const auto [k, q] = reduced;
    const auto low = k < -1000.0;
    const V power = power_of_two(select(low, k + 512.0, k)), true_power = select(low, 0.0, power);
    const V tail = select(low, select(k < -1150.0, 0.0, 0x1p-512), 1.0);  // 0 where the argument was clamped: keeps the sign and beats every factor
    const Pair<V> p = 1.0 + q;
    return {{power * p.high, power * p.low}, Pair<V>(true_power * q.high, true_power * q.low) + two_sum<V>(true_power, -1.0), tail};
  } else {
    const auto [power, q] = reduced;
    return {fma(power, q, power), fma(power, q, power - 1.0), 1.0};
  }
}

template <class X>
RECTIFY_INLINE auto decaying_exp(X x) {
  return decaying(reduced_exp_of_nonpositive(x));
}

/// exp(x) - 1 for x <= 0. Error 2^-52 (precise: 2^-54).
template <class V>
RECTIFY_INLINE Precise<V> expm1_of_nonpositive(V x) {
  return decaying_exp(max(x, -100.0)).expm1;
}

/// exp(x) - 1. Error 2^-53.5 (narrow: 2^-47).
template <class V>
RECTIFY_INLINE V expm1(V x) {
  if constexpr (V::precise) {
    const auto [k, q] = reduced_exp<V>(min(max(x, -100.0), highest_exponent<V>));
    const V half = power_of_two(min(k, 1024.0) - 1.0);  // 2^1024 is not a number, its half is; beyond, infinity comes of itself
    const V sum = rounded(two_sum(half - 0.5, half * q.high) + half * q.low);
    return select(k == 0.0, select(x == 0.0, x, rounded(q)), sum * select(k > 1024.0, 0x1p1023, 2.0));
  } else {
    const auto [power, q] = reduced_exp<V>(min(max(x, -100.0), highest_exponent<V>));
    return select(x == 0.0, x, fma(power, q, power - 1.0));
  }
}

/// n / d for 2^-100 <= |d| <= 2^120. Where a division of float64 costs as much as fifteen multiplications, narrow lanes avoid it: error 2^-44.
template <class X>
RECTIFY_INLINE X quotient(X n, X d) {
  using V = decltype(high_of(d));
  if constexpr (V::quick_division) {
    return n / d;
  } else {
    const V r = rough_reciprocal(d), q = n * r;
    return fma(q, subtract_product(V(1.0), d, r), q);
  }
}

/// f - log(1 + f) = s (f - bend) for 1 + f in [sqrt(1/2), sqrt(2)]. Error 2^-51 (precise: 2^-53).
template <class V>
struct Shortfall {
  Precise<V> s;
  V bend;
};

/// `bend`, as a function of s^2.
template <class V>
RECTIFY_INLINE V log1p_bend(V square) {
  constexpr double c[] = {0x1.5555555555558p-1, 0x1.9999999995303p-2, 0x1.2492492df3035p-2, 0x1.c71c62e0b72cep-3,
                          0x1.7462b661a64aap-3, 0x1.39fe212aef3dcp-3, 0x1.2b5b85337437bp-3};
  return square * polynomial(square, c);
}

template <class V>
RECTIFY_INLINE Shortfall<V> log1p_shortfall_reduced(V f) {
  const Precise<V> s = quotient(Precise<V>(f), 2.0 + Precise<V>(f));
  return {s, log1p_bend(high_of(s) * high_of(s))};
}

/// log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)]. Error 2^-52 (precise: 2^-54).
template <class V>
RECTIFY_INLINE Precise<V> log1p_reduced(V f) {
  const auto [s, bend] = log1p_shortfall_reduced(f);
  if constexpr (V::precise) {
    return f - s * (Pair<V>(f) - bend);
  } else {
    return fma(-s, f - bend, f);
  }
}

/// k log(2) + l.
template <class V>
RECTIFY_INLINE V add_log_2(V k, V l) {
  return fma(k, log_2_high, fma(k, log_2_low, l));
}

template <class V>
RECTIFY_INLINE V add_log_2(V k, Pair<V> l) {
  return rounded(two_product<V>(k, log_2_high) + (l + k * log_2_low));
}

/// log(1 + e) for e in [0, 1]. Error 2^-52. Neither 1 + e nor anything else is rounded before the reduction.
template <class V>
RECTIFY_INLINE V log1p_of_unit(V e) {
  const auto above = e > 0x1.a8279ap-2;  // sqrt(2) - 1
  const Precise<V> l = log1p_reduced(select(above, fma(e, 0.5, -0.5), e));
  return select(above, add_log_2(V(1.0), l), rounded(l));
}

/// The same in narrow lanes. Error 2^-41. With c close to 1/(1 + e), log(1 + e) = log(1 + r) - log(c), r = (1 + e) c - 1; where e is small, c is 1 and r is e.
template <class V>
RECTIFY_INLINE V brief_log1p_of_unit(V e) {
  constexpr double coefficients[] = {-0x1.ffffffffffff5p-2, 0x1.555555559fa99p-2, -0x1.000000006ef1cp-2, 0x1.99998955fb8afp-3, -0x1.55554378ba788p-3, 0x1.250424d55776cp-3, -0x1.006e029ca8cc2p-3};
  const V t = fma(e, 15.0, 0x1.8p52), c = pick(activation::fifteenth_reciprocals, t), r = fma(e, c, c - 1.0);
  return fma(r * r, polynomial(r, coefficients), r) + pick(activation::fifteenth_logarithms, t);
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
  return add_log_2(power, log1p_reduced(m - 1.0));
}

/// log(1 + x) for x > -1. Error 2^-52.
template <class V>
RECTIFY_INLINE V log1p(V x) {
  const auto [sum, rest] = two_sum<V>(1.0, x);
  const auto [k, m] = split(sum);
  const auto near_zero = k == 0.0;  // then x itself is the reduced argument, without a rounding
  const Precise<V> l = log1p_reduced(select(near_zero, x, fma(rest, power_of_two(-k), m - 1.0)));
  return select(near_zero, rounded(l), add_log_2(k, l));
}

/// x - log(1 + a x)/a for x >= 0 and a > 0, without its cancellation. Error 2^-50.
template <class V>
RECTIFY_INLINE V log1p_shortfall(V x, V a) {
  const V z = min(a * x, 0x1p1000), inverse = 1.0 / a;
  const auto [sum, rest] = two_sum<V>(1.0, z);
  const auto [k, m] = split(sum);
  const V f = select(k == 0.0, z, fma(rest, power_of_two(-k), m - 1.0));
  const auto [s, bend] = log1p_shortfall_reduced(f);
  // With shortfall = f - log(1 + f) the result is shortfall/a for k = 0; z - f - log(2) + shortfall for k = 1, where z - f = m and log(2) can be
  // subtracted from it exactly; from k = 2 on little cancels.
  const V shortfall = rounded(s * (f - bend)), above = (m - log_2_high) + (fma(rest, 0.5, -log_2_low) + shortfall);
  const V log = fma(k, log_2_high, fma(k, log_2_low, f - shortfall)), rest_of_x = fma(-bend, inverse, x);
  if constexpr (V::precise) {
    const Pair<V> exact_z = scaled(a, x);
    const V corrected = (m - log_2_high) + (fma(rest, 0.5, -log_2_low) + fma(exact_z.low, z / sum, shortfall));  // what z lost in rounding, times the slope
    return select(k == 0.0, rounded(exact_z / (2.0 + exact_z) * rest_of_x), select(k == 1.0, corrected / a, x - log / a));
  } else {
    return select(k == 0.0, s * rest_of_x, select(k == 1.0, above * inverse, x - log * inverse));
  }
}

/// log(1 + exp(x)). Error 2^-51.
template <class V>
RECTIFY_INLINE V softplus(V x) {
  return max(x, 0.0) + log1p_of_unit(exp_of_nonpositive(-abs(x)));
}

/// tanh(x). Error 2^-51 (precise: 2^-53).
template <class V>
RECTIFY_INLINE V tanh(V x) {
  const Precise<V> m = expm1_of_nonpositive(-2.0 * abs(x));
  return copysign(rounded(quotient(Precise<V>(m), 2.0 + m)), x);
}

/// 1 / (1 + exp(-x)) for a number or a pair. Error 2^-51 (precise: 2^-54).
template <class X>
RECTIFY_INLINE auto tailed_sigmoid(X x) {
  using V = decltype(high_of(x));
  using P = Precise<V>;
  const auto below = high_of(x) < 0.0;
  const DecayingExp<V> e = decaying_exp(minus_abs(x));
  return Tailed<V>{quotient(select(below, e.exp, P(1.0)), 1.0 + e.exp), select(below, e.tail, 1.0)};
}

template <class X>
RECTIFY_INLINE auto sigmoid(X x) {
  const auto [value, tail] = tailed_sigmoid(x);
  return finished(value, tail);
}

/// The derivative of tanh, 1 / cosh(x)^2. Error 2^-50 (precise: 2^-53).
template <class V>
RECTIFY_INLINE V tanh_slope(V x) {
  const DecayingExp<V> e = decaying_exp(-2.0 * abs(x));
  const Precise<V> d = 1.0 + e.exp;
  return finished(quotient(Precise<V>(4.0 * e.exp), d * d), e.tail);
}

/// The derivative of the sigmoid, s (1 - s), times the factors. Error 2^-50 (precise: 2^-53).
template <class X, class... Factor>
RECTIFY_INLINE auto sigmoid_slope(X x, Factor... factor) {
  const auto e = decaying_exp(minus_abs(x));
  const auto d = 1.0 + e.exp;
  return finished((quotient(e.exp, d * d) * ... * factor), e.tail);
}
