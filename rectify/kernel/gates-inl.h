// The gates of the gated units on lanes: value(a, b, p) = a f(b), in which no intermediate result over- or underflows or is rounded where the result is not, and
// slope(b, p) = f'(b).
// Textual: included inside a namespace after the activations' definitions. No include guard.

/// a * p as precise as the lanes ask for.
template <class V>
RECTIFY_INLINE Precise<V> times(V a, Precise<V> p) {
  if constexpr (V::precise) {
    const Pair<V> product = two_product(a, p.high);
    return {product.high, fma(a, p.low, product.low)};
  } else {
    return a * p;
  }
}

/// a b s for a gate s in [0, 1]: x f(x) units, whose b stands before their gate.
template <class V>
RECTIFY_INLINE V self_gated(V a, V b, Tailed<V> gate) {
  if constexpr (V::precise) {
    // A small b is multiplied by a first and a large one by the gate, so that nothing is lost on the way to a result that can be held.
    const auto small = abs(b) < 1.0;
    const Pair<V> first = times(b, select(small, Pair<V>(a), gate.value)), second = select(small, gate.value, Pair<V>(a));
    const V result = rounded(first * second) * gate.tail;
    return select(result == result, result, (first.high * second.high) * gate.tail);  // the pair of an overflow is no number
  } else {
    return (a * b) * gate.value;  // the product of two float32 is exact
  }
}

struct GateOfGLU {
  using Activation = Sigmoid;
  static constexpr bool is_exact = false;
  template <class V> static RECTIFY_INLINE V value(V a, V b, V steepness) {
    const Tailed<V> gate = tailed_sigmoid(scaled(steepness, b));
    return finished(gated(a, gate.value), gate.tail);
  }
  template <class V> static RECTIFY_INLINE V slope(V b, V steepness) { return Activation::slope(b, steepness); }
  /// A number with the sign of f(b), 0 where f(b) is.
  template <class V> static RECTIFY_INLINE V direction(V) { return 1.0; }
};

struct GateOfReGLU {
  using Activation = ReLU;
  static constexpr bool is_exact = true;  ///< for float32: products of two
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return a * max(b, 0.0); }
  template <class V> static RECTIFY_INLINE V slope(V b) { return Activation::slope(b); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return max(b, 0.0); }
};

struct GateOfGEGLU {
  using Activation = GELU;
  static constexpr bool is_exact = false;
  /// float32's lanes end at -20, beyond which one factor cannot make a float32 of the activation; the product of two may.
  static constexpr double end_of_narrow_lanes = -15.5;

  template <class V> static RECTIFY_INLINE V value(V a, V b) {
    const V result = self_gated(a, b, tailed_normal_distribution(b));
    if constexpr (V::narrow) {
      const auto beyond = b < end_of_narrow_lanes;
      if (any(beyond)) [[unlikely]] return select(beyond, V(value(Lanes<false>(a.raw), Lanes<false>(b.raw)).raw), result);
    }
    return result;
  }
  template <class V> static RECTIFY_INLINE V slope(V b) {
    const V result = Activation::slope(b);
    if constexpr (V::narrow) {
      const auto beyond = b < end_of_narrow_lanes;
      if (any(beyond)) [[unlikely]] return select(beyond, V(Activation::slope(Lanes<false>(b.raw)).raw), result);
    }
    return result;
  }
  template <class V> static RECTIFY_INLINE V direction(V b) { return b; }
};

struct GateOfGEGLUTanh {
  using Activation = GELUTanh;
  static constexpr bool is_exact = false;
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return self_gated(a, b, Tailed<V>(tailed_sigmoid(Activation::argument(b)))); }
  template <class V> static RECTIFY_INLINE V slope(V b) { return Activation::slope(b); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return b; }
};

struct GateOfSwiGLU {
  using Activation = Swish;
  static constexpr bool is_exact = false;
  template <class V> static RECTIFY_INLINE V value(V a, V b, V beta) { return self_gated(a, b, Tailed<V>(tailed_sigmoid(scaled(beta, b)))); }
  template <class V> static RECTIFY_INLINE V slope(V b, V beta) { return Activation::slope(b, beta); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return b; }
};
