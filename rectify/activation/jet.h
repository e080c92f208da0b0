// Dual numbers over lanes: a value and its derivative in one direction, computed together. A jet of jets carries second derivatives:
// Jet<Jet<V>> seeded with x in both directions gives f'' in .d.d, seeded with x outside and a parameter inside gives d2f/dx dp.
// Textual: included inside a namespace after normal-inl.h. No include guard. Sources: forward mode of automatic differentiation, any textbook.
//
// A jet has the interface of the lanes. Comparisons and selections look at the innermost value; what only corrects a rounding (the low
// part of a pair, the nudge off a tie) has no derivative.
template <class T>
struct Jet {
  static constexpr bool narrow = T::narrow, precise = false, twofold = T::twofold;
  using Mask = typename T::Mask;
  T v, d;

  Jet() = default;
  RECTIFY_INLINE Jet(double value) : v(value), d(0.0) {}
  RECTIFY_INLINE Jet(T value, T derivative) : v(value), d(derivative) {}

  friend RECTIFY_INLINE Jet operator+(Jet a, Jet b) { return {a.v + b.v, a.d + b.d}; }
  friend RECTIFY_INLINE Jet operator-(Jet a, Jet b) { return {a.v - b.v, a.d - b.d}; }
  friend RECTIFY_INLINE Jet operator*(Jet a, Jet b) { return {a.v * b.v, fma(a.d, b.v, a.v * b.d)}; }
  friend RECTIFY_INLINE Jet operator/(Jet a, Jet b) {
    const T q = a.v / b.v;
    return {q, (a.d - q * b.d) / b.v};
  }
  friend RECTIFY_INLINE Jet operator-(Jet a) { return {-a.v, -a.d}; }
  friend RECTIFY_INLINE Mask operator<(Jet a, Jet b) { return a.v < b.v; }
  friend RECTIFY_INLINE Mask operator<=(Jet a, Jet b) { return a.v <= b.v; }
  friend RECTIFY_INLINE Mask operator>(Jet a, Jet b) { return a.v > b.v; }
  friend RECTIFY_INLINE Mask operator>=(Jet a, Jet b) { return a.v >= b.v; }
  friend RECTIFY_INLINE Mask operator==(Jet a, Jet b) { return a.v == b.v; }

  friend RECTIFY_INLINE Jet select(Mask mask, Jet a, Jet b) { return {select(mask, a.v, b.v), select(mask, a.d, b.d)}; }
  friend RECTIFY_INLINE Jet fma(Jet a, Jet b, Jet c) { return {fma(a.v, b.v, c.v), fma(a.d, b.v, fma(a.v, b.d, c.d))}; }
  friend RECTIFY_INLINE Jet abs(Jet a) { return select(a.v < 0.0, -a, a); }
  friend RECTIFY_INLINE Jet min(Jet a, Jet b) { return select(a.v < b.v, a, b); }
  friend RECTIFY_INLINE Jet max(Jet a, Jet b) { return select(a.v > b.v, a, b); }
};

/// What only corrects a rounding: the number without derivative.
template <class T>
RECTIFY_INLINE Jet<T> constant(T value) {
  return {value, T(0.0)};
}

/// For divisors that the definition knows to be of ordinary size.
template <class T>
RECTIFY_INLINE Jet<T> quotient(Jet<T> a, Jet<T> b) {
  const T q = quotient(a.v, b.v);
  return {q, quotient(a.d - q * b.d, b.v)};
}

template <class T>
RECTIFY_INLINE Pair<T> value_of(Pair<Jet<T>> x) {
  return {x.high.v, x.low.v};
}

template <class T>
RECTIFY_INLINE Pair<Jet<T>> two_product(Jet<T> a, Jet<T> b) {
  return {a * b, constant(two_product(a.v, b.v).low)};
}

template <class T>
RECTIFY_INLINE Pair<Jet<T>> two_sum(Jet<T> a, Jet<T> b) {
  return {a + b, constant(two_sum(a.v, b.v).low)};
}

template <class T>
RECTIFY_INLINE Pair<Jet<T>> scaled(Jet<T> a, Jet<T> x) {
  const auto z = scaled(a.v, x.v);
  return {Jet<T>{high_of(z), (a * x).d}, constant(low_of(z))};
}

template <class T>
RECTIFY_INLINE Jet<T> sqrt(Jet<T> x) {
  const T root = sqrt(x.v);
  return {root, x.d / (root + root)};
}

template <class T>
RECTIFY_INLINE Jet<T> exp(Jet<T> x) {
  const T e = exp(x.v);
  return {e, e * x.d};
}

template <class T>
RECTIFY_INLINE Jet<T> exp(Pair<Jet<T>> x) {
  const T e = exp_of_nonpositive(value_of(x));
  return {e, e * x.high.d};
}

template <class T>
RECTIFY_INLINE Jet<T> exp_of_nonpositive(Jet<T> x) {
  return exp(x);
}

template <class T>
RECTIFY_INLINE Jet<T> exp_of_nonpositive(Pair<Jet<T>> x) {
  return exp(x);
}

template <class T>
RECTIFY_INLINE DecayingExp<Jet<T>> decaying_exp(Jet<T> x) {
  const Jet<T> e = exp(x);
  return {e, {expm1(x.v), e.d}, 1.0};
}

template <class T>
RECTIFY_INLINE Jet<T> expm1_of_nonpositive(Jet<T> x) {
  return decaying_exp(x).expm1;
}

template <class T>
RECTIFY_INLINE Jet<T> expm1(Jet<T> x) {
  return {expm1(x.v), exp(x.v) * x.d};
}

template <class T>
RECTIFY_INLINE Jet<T> log(Jet<T> x) {
  return {log(x.v), x.d / x.v};
}

template <class T>
RECTIFY_INLINE Jet<T> log1p(Jet<T> x) {
  return {log1p(x.v), x.d / (1.0 + x.v)};
}

template <class T>
RECTIFY_INLINE Jet<T> log1p_of_unit(Jet<T> x) {
  return {log1p_of_unit(x.v), x.d / (1.0 + x.v)};
}

template <class T>
RECTIFY_INLINE Jet<T> log1p_shortfall(Jet<T> x, Jet<T> a) {
  // By x: z/(1 + z) with z = a x. By a: (log(1 + z) - z/(1 + z))/a^2.
  const T z = a.v * x.v, slope = z / (1.0 + z);
  return {log1p_shortfall(x.v, a.v), fma(slope, x.d, (log1p(z) - slope) / (a.v * a.v) * a.d)};
}

template <class T>
RECTIFY_INLINE Jet<T> sigmoid(Pair<Jet<T>> x) {
  return {sigmoid(value_of(x)), sigmoid_slope(value_of(x)) * x.high.d};
}

template <class T>
RECTIFY_INLINE Jet<T> sigmoid(Jet<T> x) {
  return {sigmoid(x.v), sigmoid_slope(x.v) * x.d};
}

template <class T>
RECTIFY_INLINE Tailed<Jet<T>> tailed_sigmoid(Pair<Jet<T>> x) {
  return {sigmoid(x), 1.0};
}

template <class T>
RECTIFY_INLINE Tailed<Jet<T>> tailed_sigmoid(Jet<T> x) {
  return {sigmoid(x), 1.0};
}

template <class T>
RECTIFY_INLINE Jet<T> sigmoid_slope(Pair<Jet<T>> x) {
  const T s = sigmoid_slope(value_of(x));
  return {s, -(s * tanh(0.5 * x.high.v)) * x.high.d};
}

template <class T>
RECTIFY_INLINE Jet<T> sigmoid_slope(Jet<T> x) {
  return sigmoid_slope(Pair<Jet<T>>{x, 0.0});
}

template <class T>
RECTIFY_INLINE Jet<T> softplus(Jet<T> x) {
  return {softplus(x.v), sigmoid(x.v) * x.d};
}

template <class T>
RECTIFY_INLINE Jet<T> tanh(Jet<T> x) {
  return {tanh(x.v), tanh_slope(x.v) * x.d};
}

template <class T>
RECTIFY_INLINE Jet<T> tanh_slope(Jet<T> x) {
  const T s = tanh_slope(x.v);
  return {s, (-2.0 * (s * tanh(x.v))) * x.d};
}

template <class T>
RECTIFY_INLINE Tailed<Jet<T>> gaussian(Jet<T> x) {
  const auto [value, tail] = gaussian(x.v);
  const T e = finished(value, tail);
  return {{e, -(x.v * e) * x.d}, 1.0};
}

template <class T>
RECTIFY_INLINE Tailed<Jet<T>> tailed_normal_distribution(Jet<T> x) {
  const auto [value, tail] = tailed_normal_distribution(x.v);
  const auto [density, density_tail] = gaussian(x.v);
  return {{finished(value, tail), (constant<T>(inverse_sqrt_2_pi, inverse_sqrt_2_pi_low) * finished(density, density_tail)) * x.d}, 1.0};
}

template <class T>
RECTIFY_INLINE Jet<T> erf(Jet<T> x) {
  return {erf(x.v), (constant<T>(two_over_sqrt_pi, two_over_sqrt_pi_low) * exp(-(x.v * x.v))) * x.d};
}

template <class T>
RECTIFY_INLINE Jet<T> erfc(Jet<T> x) {
  return {erfc(x.v), (constant<T>(-two_over_sqrt_pi, -two_over_sqrt_pi_low) * exp(-(x.v * x.v))) * x.d};
}
