// Bent identity: the identity, steeper on the right. (sqrt(x^2 + 1) - 1)/2 cancels near 0; it is x/2 times x/(sqrt(x^2 + 1) + 1).
struct BentIdentity {
  static constexpr Spec spec{.name = "bent_identity", .formula = "(sqrt(x^2 + 1) - 1)/2 + x", .curvature_formula = "1/(2*(x^2 + 1)*sqrt(x^2 + 1))",
                             .description = "The identity, bent upwards by half a hyperbola.",
                             .at_minus_infinity = "-inf", .slope_at_minus_infinity = "1/2", .slope_at_plus_infinity = "3/2"};

  /// x, not so far out that the square would overflow: there the slope has long reached its limit.
  template <class V> static Precise<V> inside(V x) { return min(max(x, -0x1p400), 0x1p400); }
  template <class V> static V value(V x) {
    const Precise<V> near_x = inside(x);
    return gated(x, 1.0 + 0.5 * near_x / (1.0 + sqrt(1.0 + near_x * near_x)));
  }
  template <class V> static V slope(V x) {
    const Precise<V> near_x = inside(x);
    return rounded(1.0 + 0.5 * near_x / sqrt(1.0 + near_x * near_x));
  }
  template <class V> static V curvature(V x) {
    const Precise<V> near_x = inside(x), square = 1.0 + near_x * near_x;
    return rounded(0.5 / square / sqrt(square));
  }
};
