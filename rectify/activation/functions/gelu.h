// GELU: the input times the normal distribution function, in the form that keeps the negative tail.
struct GELU {
  static constexpr Spec spec{.name = "gelu", .formula = "x*erfc(-x/sqrt(2))/2", .source = "Hendrycks and Gimpel 2016, arXiv:1606.08415",
                             .description = "The input gated by the probability that a standard normal number is below it.", .aliases = "gelu_erf gelu_exact",
                             .torch = "gelu", .onnx = "Gelu", .at_minus_infinity = "-0", .slope_at_minus_infinity = "-0",
                             .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Tailed<V> gate = tailed_normal_distribution(x);
    return finished(gated(x, gate.value), gate.tail);
  }
  template <class V> static V slope(V x) {
    const auto below = x < 0.0;
    const V a = abs(x);
    const Tailed<V> e = gaussian(x);
    const Precise<V> s = e.value * fma(bounded(a), -inverse_root_of_two_pi<V>(), mills(a));
    return near_root(gelu_slope_root, x, finished(below, select(below, s, 1.0 - s), e.tail));
  }
  static constexpr int ordinary_slope_bits = 35;  // close to the slope's zero, where near_root takes over
  static double ordinary() { return 9; }
  template <class V> static V ordinary_value(V x) {
    const V a = abs(x);
    return subtract_product(select(x < 0.0, 0.0, x), a * brief_exp(x * x, V(-0.5)), brief_mills(a));
  }
  template <class V> static V ordinary_slope(V x) {
    const V a = abs(x), tail = brief_exp(x * x, V(-0.5)) * subtract_product(brief_mills(a), a, V(inverse_sqrt_2_pi));
    return near_root(gelu_slope_root, x, select(x < 0.0, tail, 1.0 - tail));
  }
  template <class V> static V curvature(V x) {
    const Precise<V> a = min(abs(x), 0x1p100);
    const Tailed<V> e = gaussian(x);
    return finished(inverse_root_of_two_pi<V>() * e.value * fma(-a, a, Precise<V>(2.0)), e.tail);
  }
};
