// The gates of the gated units on lanes: value(a, b, p) = a f(b) without an intermediate result that overflows, underflows or is rounded to less than the result.
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
  template <class V> static RECTIFY_INLINE V value(V a, V b, V steepness) {
    const Tailed<V> gate = tailed_sigmoid(scaled(steepness, b));
    return finished(gated(a, gate.value), gate.tail);
  }
  /// A number with the sign of f(b), 0 where f(b) is.
  template <class V> static RECTIFY_INLINE V direction(V) { return 1.0; }
};

struct GateOfReGLU {
  using Activation = ReLU;
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return a * max(b, 0.0); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return max(b, 0.0); }
};

struct GateOfGEGLU {
  using Activation = GELU;
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return self_gated(a, b, tailed_normal_distribution(b)); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return b; }
};

struct GateOfGEGLUTanh {
  using Activation = GELUTanh;
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return self_gated(a, b, Tailed<V>(tailed_sigmoid(Activation::argument(b)))); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return b; }
};

struct GateOfSwiGLU {
  using Activation = Swish;
  template <class V> static RECTIFY_INLINE V value(V a, V b, V beta) { return self_gated(a, b, Tailed<V>(tailed_sigmoid(scaled(beta, b)))); }
  template <class V> static RECTIFY_INLINE V direction(V b) { return b; }
};
