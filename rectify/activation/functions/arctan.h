// The inverse tangent. Its derivatives decay like powers, not like exponentials: far out they are computed from x/2^300, lest squares overflow.
struct Arctan {
  static constexpr Spec spec{.name = "arctan", .formula = "arctan(x)", .source = "the inverse tangent",
                             .description = "Squashes to (-pi/2, pi/2) with slow tails.", .aliases = "atan", .torch = "atan", .onnx = "Atan",
                             .at_minus_infinity = "-1.5707963267948966192", .at_plus_infinity = "1.5707963267948966192",
                             .slope_at_plus_infinity = "0", .curvature_at_plus_infinity = "-0", .odd = true};

  template <class V> static V value(V x) { return arctan(x); }
  template <class V> static V slope(V x) {
    if constexpr (V::precise) {
      const V a = min(abs(x), 0x1p600);
      const auto far = a > 0x1p200;
      const V z = a * select(far, 0x1p-300, V(1.0));
      return finished(far, 1.0 / (two_product(z, z) + select(far, 0.0, V(1.0))), V(0x1p-600));
    } else {
      return 1.0 / fma(x, x, 1.0);
    }
  }
  template <class V> static V curvature(V x) {
    if constexpr (V::precise) {
      const V inside = min(max(x, -0x1p400), 0x1p400);
      const auto far = abs(inside) > 0x1p200;
      const V z = inside * select(far, 0x1p-300, V(1.0));
      const Pair<V> d = two_product(z, z) + select(far, 0.0, V(1.0));
      return finished(far, (-2.0 * z) / (d * d), V(0x1p-900));
    } else {
      const V d = fma(x, x, 1.0);
      return -2.0 * x / (d * d);
    }
  }
};
