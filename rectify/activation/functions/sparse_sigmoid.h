// Sparse sigmoid: the slope of sparse_plus. Its own slope at both ends is 0, as PyTorch has it for the hard sigmoid.
struct SparseSigmoid {
  static constexpr Spec spec{.name = "sparse_sigmoid", .formula = "min(max((x + 1)/2, 0), 1)", .slope_formula = "where(abs(x) < 1, 1/2, 0)",
                             .curvature_formula = "0", .source = "JAX, sparse_sigmoid", .description = "A straight line clipped to [0, 1], steeper than the hard sigmoid's.",
                             .at_plus_infinity = "1", .slope_at_plus_infinity = "0", .kinks = "-1; 1", .piecewise_linear = true};

  template <class V> static V value(V x) { return select(x >= 1.0, 1.0, select(x > -1.0, fma(0.5, x, 0.5), 0.0)); }
  template <class V> static V slope(V x) { return select(abs(x) < 1.0, V(0.5), 0.0); }
  template <class V> static V curvature(V) { return 0.0; }
  /// Nothing unless x is so small that the sum had to be rounded.
  template <class V> static V value_error(V x, V y) { return select((abs(x) < 1.0) & !(two_sum<V>(1.0, x).low == 0.0), abs(y) * 0x1p-50, 0.0); }
};
