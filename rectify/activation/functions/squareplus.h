// Squareplus, (x + sqrt(x^2 + b))/2: an algebraic softplus. On the negative side the sum cancels; it is b/(sqrt(x^2 + b) - x).
struct Squareplus {
  static constexpr Spec spec{.name = "squareplus", .formula = "where(x < 0, b/(2*(sqrt(x^2 + b) - x)), (x + sqrt(x^2 + b))/2)",
                             .slope_formula = "where(x < 0, b/(2*(sqrt(x^2 + b) - x)*sqrt(x^2 + b)), (1 + x/sqrt(x^2 + b))/2)",
                             .curvature_formula = "b/(2*(x^2 + b)*sqrt(x^2 + b))", .source = "Barron 2021, arXiv:2112.11687",
                             .description = "A smooth ReLU without exponentials; its tail falls as 1/|x|.",
                             .parameters = {{.name = "b", .default_value = 4, .minimum = 1e-300, .meaning = "4 times the square of the value at 0"}}};

  /// sqrt(x^2 + b), and the mean of it and |x|.
  template <class V> struct Parts {
    Precise<V> root, mean;
  };
  template <class V> static Parts<V> parts(V x, V b) {
    using P = Precise<V>;
    if constexpr (V::precise) {
      const auto far = abs(x) > 0x1p500;  // there the square would overflow
      const V shrink = select(far, V(0x1p-520), 1.0), stretch = select(far, V(0x1p520), 1.0), near_x = shrink * x;
      const P near_root = sqrt(two_product(near_x, near_x) + shrink * (shrink * b)), root{stretch * near_root.high, stretch * near_root.low};
      return {root, P(0.5 * root.high, 0.5 * root.low) + 0.5 * abs(x)};
    } else {
      const V root = sqrt(fma(x, x, b));
      return {root, 0.5 * root + 0.5 * abs(x)};
    }
  }
  template <class V> static V value(V x, V b) {
    const Parts<V> p = parts(x, b);
    return select(x < 0.0, rounded(Precise<V>(0.25 * b) / p.mean), rounded(p.mean));
  }
  template <class V> static V slope(V x, V b) {
    const Parts<V> p = parts(x, b);
    return rounded(select(x < 0.0, Precise<V>(0.25 * b) / p.mean, p.mean) / p.root);
  }
  template <class V> static V curvature(V x, V b) {
    const Precise<V> root = parts(x, b).root;
    return rounded(Precise<V>(0.5 * b) / root / root / root);
  }
};
