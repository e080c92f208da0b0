// Unevaluated sums of two lanes, for arguments that float64 cannot hold and for float64 results within 2 ulp.
// Textual: included inside a namespace after the lanes (see lanes_scalar.h for the interface of V). No include guard.
// Sources: Dekker 1971, A floating-point technique for extending the available precision; Joldes, Muller and Popescu 2017.

/// high + low with |low| <= 4 ulp(high), about 100 bits.
template <class V>
struct Pair {
  V high, low;

  Pair() = default;
  RECTIFY_INLINE Pair(double value) : high(value), low(0.0) {}
  RECTIFY_INLINE Pair(V value) : high(value), low(0.0) {}
  RECTIFY_INLINE Pair(V h, V l) : high(h), low(l) {}

  friend RECTIFY_INLINE Pair operator+(Pair a, Pair b) {
    const Pair sum = two_sum(a.high, b.high);
    return normalised(sum.high, sum.low + (a.low + b.low));
  }
  friend RECTIFY_INLINE Pair operator-(Pair a) { return {-a.high, -a.low}; }
  friend RECTIFY_INLINE Pair operator-(Pair a, Pair b) { return a + -b; }
  friend RECTIFY_INLINE Pair operator*(Pair a, Pair b) {
    const Pair product = two_product(a.high, b.high);
    return {product.high, product.low + fma(a.high, b.low, a.low * b.high)};
  }
  friend RECTIFY_INLINE Pair operator/(Pair a, Pair b) {
    const V reciprocal = 1.0 / b.high, q = a.high * reciprocal, rest = fma(-q, b.high, a.high) + fma(-q, b.low, a.low);
    return {q, rest * reciprocal};
  }
  friend RECTIFY_INLINE Pair fma(Pair a, Pair b, Pair c) { return a * b + c; }
  friend RECTIFY_INLINE Pair select(typename V::Mask mask, Pair a, Pair b) { return {select(mask, a.high, b.high), select(mask, a.low, b.low)}; }
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

/// high + low as a pair, for |low| <= |high|.
template <class V>
RECTIFY_INLINE Pair<V> normalised(V high, V low) {
  const V sum = high + low;
  return {sum, low - (sum - high)};
}

/// The square root of a positive pair, whose high part lies in [2^-900, 2^1000]: one Newton step from the rounded root.
template <class V>
RECTIFY_INLINE Pair<V> sqrt(Pair<V> x) {
  const V root = sqrt(x.high), rest = fma(-root, root, x.high) + x.low;
  return {root, rest / (root + root)};
}

/// In what a formula computes between its exponential and its result: float32 lanes need no more than float64; float64's own lanes take pairs.
template <class V>
using Precise = std::conditional_t<V::precise, Pair<V>, V>;

/// A constant that no float64 holds, high + low: both parts in a Twofold, else the nearest float64.
template <class V>
RECTIFY_INLINE V constant(double high, [[maybe_unused]] double low) {
  if constexpr (V::twofold) {
    return V(high) + V(low);
  } else {
    return V(high);
  }
}

/// The same where the lanes compute in pairs: a pair.
template <class V>
RECTIFY_INLINE Precise<V> precise_constant(double high, double low) {
  if constexpr (V::precise) {
    return {V(high), V(low)};
  } else {
    return constant<V>(high, low);
  }
}

inline constexpr double inverse_sqrt_2_pi = 0x1.9884533d43651p-2, inverse_sqrt_2_pi_low = -0x1.cbc0d30ebfd15p-56;
inline constexpr double two_over_sqrt_pi = 0x1.20dd750429b6dp+0, two_over_sqrt_pi_low = 0x1.1ae3a914fed80p-56;
inline constexpr double sqrt_2 = 0x1.6a09e667f3bcdp+0, sqrt_2_low = -0x1.bdd3413b26456p-54;

template <class V>
RECTIFY_INLINE Precise<V> inverse_root_of_two_pi() {
  return precise_constant<V>(inverse_sqrt_2_pi, inverse_sqrt_2_pi_low);
}

template <class V>
RECTIFY_INLINE V rounded(V x) {
  return x;
}

template <class V>
RECTIFY_INLINE V rounded(Pair<V> x) {
  return x.high + x.low;
}

// What takes a number or a pair.
template <class V>
RECTIFY_INLINE V high_of(V x) {
  return x;
}

template <class V>
RECTIFY_INLINE V high_of(Pair<V> x) {
  return x.high;
}

template <class V>
RECTIFY_INLINE V low_of(V) {
  return 0.0;
}

template <class V>
RECTIFY_INLINE V low_of(Pair<V> x) {
  return x.low;
}

template <class V>
RECTIFY_INLINE V minus_abs(V x) {
  return -abs(x);
}

template <class V>
RECTIFY_INLINE Pair<V> minus_abs(Pair<V> x) {
  return {-abs(x.high), select(x.high < 0.0, x.low, -x.low)};
}

/// A number or a pair as precise as the lanes ask for.
template <class V>
RECTIFY_INLINE Precise<V> as_precise(V x) {
  return x;
}

template <class V>
RECTIFY_INLINE Precise<V> as_precise(Pair<V> x) {
  if constexpr (V::precise) {
    return x;
  } else {
    return x.high;
  }
}

/// x within +-2^500, as precise as the lanes ask for: what an exponential that has reached its clamp may multiply. A float32 is always within.
template <class V>
RECTIFY_INLINE Precise<V> bounded(V x) {
  if constexpr (V::narrow) {
    return x;
  } else {
    return min(max(x, -0x1p500), 0x1p500);
  }
}

template <class V>
RECTIFY_INLINE Precise<V> bounded(Pair<V> x) {
  if constexpr (V::narrow) {
    return x.high;
  } else {
    return {min(max(x.high, -0x1p500), 0x1p500), select(abs(x.high) < 0x1p100, x.low, 0.0)};
  }
}

/// a*x as precise as the lanes ask for: what exp() and the sigmoids take where a parameter scales the input.
template <class V>
RECTIFY_INLINE Precise<V> scaled(V a, V x) {
  if constexpr (V::narrow) {
    return a * x;
  } else {
    const V high = min(max(a * x, -0x1p900), 0x1p900);
    return {high, select(abs(high) < 0x1p900, fma(a, x, -high), 0.0)};
  }
}

/// x times a positive gate, rounded once; a zero keeps its sign.
template <class V>
RECTIFY_INLINE V gated(V x, V gate) {
  return x * gate;
}

template <class V>
RECTIFY_INLINE V gated(V x, Pair<V> gate) {
  return select(x == 0.0, x, fma(x, gate.high, x * gate.low));
}
