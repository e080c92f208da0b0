// Softsign: an algebraic sigmoid that saturates slowly. The curvature jumps at 0 and is 0 there.
struct Softsign {
  static constexpr Spec spec{.name = "softsign", .formula = "x/(1 + abs(x))", .slope_formula = "1/(1 + abs(x))^2",
                             .curvature_formula = "-2*sign(x)/(1 + abs(x))^3",
                             .source = "Turian, Bergstra and Bengio 2009, Quadratic features and deep architectures for chunking",
                             .description = "Squashes to (-1, 1) with tails that fall as 1/|x|.", .aliases = "soft_sign elliot_symmetric elliott_symmetric",
                             .torch = "softsign", .onnx = "Softsign", .at_minus_infinity = "-1", .at_plus_infinity = "1", .slope_at_plus_infinity = "0",
                             .curvature_at_plus_infinity = "-0", .odd = true};

  template <class V> static Precise<V> inverse(V x) { return Precise<V>(1.0) / (1.0 + Precise<V>(abs(x))); }
  template <class V> static V value(V x) {
    const V y = rounded(Precise<V>(x) / (1.0 + Precise<V>(abs(x))));
    if constexpr (V::precise) return copysign(y, x);  // a pair loses the sign of a zero
    return y;
  }
  template <class V> static V slope(V x) {
    const Precise<V> r = inverse(x);
    return rounded(r * r);
  }
  template <class V> static V curvature(V x) {
    const Precise<V> r = inverse(x);
    const V c = rounded((2.0 * r) * (r * r));  // in this order nothing is subnormal before the result is
    return select(x > 0.0, -c, select(x < 0.0, c, 0.0));
  }
};
