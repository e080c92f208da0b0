// The building blocks of blocks.h and normal-inl.h for the exact path's number, and the functions that a slow path can have in any number: sine, cosine, arctangent.
// Textual: included inside a namespace after twofold-inl.h, twofold_tables-inl.h and pairs-inl.h, in place of blocks.h and normal-inl.h. No include guard.
//
// Arguments are finite. Relative errors below 2^-95, the tails of erfc and of the normal distribution included, for results above 2^-900; see evaluate_exactly_test.cpp.
// A result f(x) = c + d x or c x + d x^2 of a tiny x keeps its second term. One scalar at a time: loops and branches are welcome.
// Sources: Payne and Hanek 1983 for the reduction by pi/2; Abramowitz and Stegun 4.4.42, 7.1.6, 7.1.14, 26.2.11 and 26.2.14 for the series and fractions.

/// c[0] + c[1] x + ..., the first `leading` coefficients in full: those after them weigh less than 2^-53 of c[0].
template <int count>
inline Twofold series(Twofold x, const Twofold* c, int leading, int stride = 1) {
  double tail = c[(count - 1) * stride].high;
  for (int i = count - 2; i >= leading; --i) tail = std::fma(tail, x.high, c[i * stride].high);
  Twofold sum = tail;
  for (int i = leading - 1; i >= 0; --i) sum = sum * x + c[i * stride];
  return sum;
}

/// c[0] + c[1] x + ... with float64 coefficients.
template <int count, class V>
RECTIFY_INLINE V polynomial(V x, const double* c) {
  V sum = c[count - 1];
  for (int i = count - 2; i >= 0; --i) sum = fma(sum, x, V(c[i]));
  return sum;
}

template <class V, int count>
RECTIFY_INLINE V polynomial(V x, const double (&c)[count]) {
  return polynomial<count>(x, static_cast<const double*>(c));
}

/// x 2^k.
inline Twofold scale(Twofold x, double k) {
  const double power = power_of_two(Twofold(k)).high;
  return {x.high * power, x.low * power};
}

/// The quotient of the ordinary blocks, which need not divide.
template <class X>
RECTIFY_INLINE X quotient(X n, X d) {
  return n / d;
}

// Pairs have no rounding to make up for.
template <>
inline Pair<Twofold> two_product(Twofold a, Twofold b) {
  return a * b;
}

template <>
inline Pair<Twofold> two_sum(Twofold a, Twofold b) {
  return a + b;
}

template <>
inline Twofold scaled(Twofold a, Twofold x) {
  return a * x;
}

template <>
inline Twofold bounded(Pair<Twofold> x) {
  return rounded(x);
}

template <>
inline Twofold as_precise(Pair<Twofold> x) {
  return rounded(x);
}

// What blocks.h gives a factor for results below float64's range; here it is 1.
template <class V>
struct Tailed {
  Precise<V> value;
  V tail;
};

template <class V, class Result>
RECTIFY_INLINE V finished(typename V::Mask, Result result, V) {
  return result;
}

template <class V, class Result>
RECTIFY_INLINE V finished(Result result, V) {
  return result;
}

/// exp(x) and exp(x) - 1.
template <class V>
struct DecayingExp {
  Precise<V> exp, expm1;
  V tail;
};

/// exp(x) = 2^k (1 + p).
struct ReducedExp {
  double k;
  Twofold p;
};

inline ReducedExp reduced_exp(Twofold x) {
  // Beyond, a result is 0 or infinity in float32 and in every product with one, and its sign is all that matters.
  if (x.high < -708) x = -708.0;
  if (x.high > 709) x = 709.0;
  const double k = (x.high * 0x1.71547652b82fep0 + 0x1.8p52) - 0x1.8p52;
  const Twofold r = ((x - k * log_2_parts[0]) - k * log_2_parts[1]) - Twofold::exact_product(k, log_2_parts[2]);
  const Twofold s = {r.high * 0x1p-4, r.low * 0x1p-4};
  Twofold p = s + s * s * series<12>(s, inverse_factorial + 2, 6);
  for (int i = 0; i < 4; ++i) p = p * (2.0 + p);  // (1 + p)^2 = 1 + p (2 + p)
  return {k, p};
}

inline Twofold exp(Twofold x) {
  const auto [k, p] = reduced_exp(x);
  return scale(1.0 + p, k);
}

inline DecayingExp<Twofold> decaying_exp(Twofold x) {
  const auto [k, p] = reduced_exp(x);
  return {scale(1.0 + p, k), k == 0 ? p : scale(p, k) + Twofold::exact_sum(power_of_two(Twofold(k)).high, -1.0), 1.0};
}

inline Twofold expm1(Twofold x) { return decaying_exp(x).expm1; }
inline Twofold exp_of_nonpositive(Twofold x) { return exp(x); }
inline Twofold expm1_of_nonpositive(Twofold x) { return expm1(x); }

/// log(1 + f) = 2 s + 2 s^3/3 + ... with s = f/(2 + f), for 1 + f in [0.7, 1.42]; `bend` is 2 s^2/3 + 2 s^4/5 + ...
struct Log1p {
  Twofold s, bend;
};

inline Log1p log1p_reduced(Twofold f) {
  const Twofold s = f / (2.0 + f), z = s * s;
  return {s, 2.0 * z * series<21>(z, inverse_odd + 1, 10)};
}

inline Twofold log1p_of_reduced(Twofold f) {
  const auto [s, bend] = log1p_reduced(f);
  return fma(s, bend, 2.0 * s);
}

/// log(x) for x > 0.
inline Twofold log(Twofold x) {
  double k = exponent(x).high;
  Twofold m = mantissa(x);
  if (m.high > 0x1.6a09e6p0) {
    k += 1;
    m = {m.high * 0.5, m.low * 0.5};
  }
  const Twofold l = log1p_of_reduced(m - 1.0);
  return k == 0 ? l : k * log_2_parts[0] + (k * log_2_parts[1] + (Twofold::exact_product(k, log_2_parts[2]) + l));
}

/// log(1 + x) for x > -1.
inline Twofold log1p(Twofold x) { return x.high > -0.29 && x.high < 0.41 ? log1p_of_reduced(x) : log(1.0 + x); }
inline Twofold log1p_of_unit(Twofold x) { return log1p(x); }

/// x - log(1 + a x)/a for x >= 0 and a > 0.
inline Twofold log1p_shortfall(Twofold x, Twofold a) {
  const Twofold z = a * x;
  if (z.high > 0.41) return x - log(1.0 + z) / a;
  const auto [s, bend] = log1p_reduced(z);
  return s * (z - bend) / a;
}

/// log(1 + exp(x)).
inline Twofold softplus(Twofold x) { return max(x, 0.0) + log1p(exp(-abs(x))); }

inline Twofold tanh(Twofold x) {
  if (std::fabs(x.high) < 0x1p-14) {
    const Twofold z = x * x;
    const double rest = 2.0 / 15 - z.high * (17.0 / 315 - z.high * (62.0 / 2835));
    return x + x * (z * (z * rest - third));
  }
  const Twofold m = expm1(-2.0 * abs(x));
  return copysign(m / (2.0 + m), x);
}

/// 1 / (1 + exp(-x)).
inline Twofold sigmoid(Twofold x) {
  const Twofold e = exp(-abs(x));
  return (x.high < 0 ? e : Twofold(1.0)) / (1.0 + e);
}

/// 1 / cosh(x)^2.
inline Twofold tanh_slope(Twofold x) {
  const Twofold e = exp(-2.0 * abs(x)), d = 1.0 + e;
  return 4.0 * e / (d * d);
}

/// The derivative of the sigmoid times the factors.
template <class... Factor>
inline Twofold sigmoid_slope(Twofold x, Factor... factor) {
  const Twofold e = exp(-abs(x)), d = 1.0 + e;
  return ((e / (d * d)) * ... * factor);
}

inline Tailed<Twofold> tailed_sigmoid(Twofold x) { return {sigmoid(x), 1.0}; }

// The same of a pair, which is its sum.
inline Twofold exp_of_nonpositive(Pair<Twofold> x) { return exp(rounded(x)); }
inline DecayingExp<Twofold> decaying_exp(Pair<Twofold> x) { return decaying_exp(rounded(x)); }
inline Twofold sigmoid(Pair<Twofold> x) { return sigmoid(rounded(x)); }
inline Tailed<Twofold> tailed_sigmoid(Pair<Twofold> x) { return tailed_sigmoid(rounded(x)); }
template <class... Factor>
inline Twofold sigmoid_slope(Pair<Twofold> x, Factor... factor) {
  return sigmoid_slope(rounded(x), factor...);
}

/// exp(-x^2/2).
inline Tailed<Twofold> gaussian(Twofold x) { return {exp(-0.5 * (x * x)), 1.0}; }

/// a + a^3/3 + a^5/(3 5) + ... = (Phi(a) - 1/2) / phi(a) for 0 <= a <= 2.5, phi being the normal density.
inline Twofold normal_series(Twofold a) {
  const Twofold z = a * a;
  int terms = 0, leading = 0;
  for (double term = 1; term > 0x1p-110; term *= z.high / (2 * terms + 1)) {
    if (term > 0x1p-56) ++leading;
    ++terms;
  }
  double tail = 1;
  for (int n = terms; n > leading; --n) tail = std::fma(z.high / (2 * n + 1), tail, 1.0);
  Twofold sum = tail;
  for (int n = leading; n > 0; --n) sum = z * sum * inverse_odd[n] + 1.0;
  return a * sum;
}

/// Mills' ratio over sqrt(2 pi): (1 - Phi(a)) exp(a^2/2), a >= 0. By the series up to 2.5, then by Laplace's continued fraction 1/(a + 1/(a + 2/(a + ...))),
/// in which what stands below step n weighs about exp(-2 a sqrt(n)): less than 2^-53 below a quarter of the steps.
inline Twofold mills(Twofold a) {
  const Twofold factor = inverse_root_of_two_pi<Twofold>();
  if (a.high < 2.5) return 0.5 * exp(0.5 * (a * a)) - factor * normal_series(a);
  const int leading = 8 + static_cast<int>(350 / (a.high * a.high)), steps = 4 * leading;
  double tail = 0.5 * (std::sqrt(std::fma(a.high, a.high, 4.0 * steps)) - a.high);  // where k/(a + t) = t
  for (int k = steps; k > leading; --k) tail = k / (a.high + tail);
  Twofold fraction = tail;
  for (int k = leading; k > 0; --k) fraction = static_cast<double>(k) / (a + fraction);
  return factor / (a + fraction);
}

/// Phi(x), the normal distribution function.
inline Tailed<Twofold> tailed_normal_distribution(Twofold x) {
  const Twofold upper = gaussian(x).value * mills(abs(x));
  return {x.high < 0 ? upper : 1.0 - upper, 1.0};
}

inline Twofold erfc(Twofold x) {
  const Twofold upper = 2.0 * exp(-(x * x)) * mills(abs(x) * Twofold(sqrt_2, sqrt_2_low));
  return x.high < 0 ? 2.0 - upper : upper;
}

inline Twofold erf(Twofold x) {
  const Twofold a = abs(x);
  if (a.high > 1.25) return copysign(1.0 - erfc(a), x);
  return copysign(2.0 * exp(-(a * a)) * (inverse_root_of_two_pi<Twofold>() * normal_series(a * Twofold(sqrt_2, sqrt_2_low))), x);
}
