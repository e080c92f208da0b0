// The error function.
struct Erf {
  static constexpr Spec spec{.name = "erf", .formula = "erf(x)", .source = "the error function", .description = "Squashes to (-1, 1), faster than any sigmoid.",
                             .torch = "erf", .onnx = "Erf", .at_minus_infinity = "-1", .at_plus_infinity = "1", .slope_at_plus_infinity = "0",
                             .curvature_at_plus_infinity = "-0", .odd = true};

  template <class V> static V value(V x) { return select(x == 0.0, two_over_sqrt_pi * x, rounded(precise_erf(x))); }  // pairs lose the sign of zero
  template <class V> static V slope(V x) {
    const Tailed<V> e = bell(x);
    return finished(precise_constant<V>(two_over_sqrt_pi, two_over_sqrt_pi_low) * e.value, e.tail);
  }
  template <class V> static V curvature(V x) {
    const Tailed<V> e = bell(x);
    return finished(precise_constant<V>(-2 * two_over_sqrt_pi, -2 * two_over_sqrt_pi_low) * e.value * bounded(x), e.tail);
  }
};
