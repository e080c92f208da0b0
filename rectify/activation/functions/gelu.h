// GELU: the input times the normal distribution function, in the form that keeps the negative tail.
struct GELU {
  static constexpr Spec spec{.name = "gelu", .formula = "x*erfc(-x/sqrt(2))/2", .source = "Hendrycks and Gimpel 2016, arXiv:1606.08415",
                             .description = "The input gated by the probability that a standard normal number is below it.", .aliases = "gelu_erf gelu_exact",
                             .torch = "gelu", .onnx = "Gelu", .at_minus_infinity = "-0", .slope_at_minus_infinity = "-0",
                             .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) { return x * off_the_half(x, normal_distribution(x)); }
  template <class V> static V slope(V x) {
    const V a = abs(x), s = gaussian(x) * fma(bounded(a), -inverse_sqrt_2_pi, mills(a));
    return near_root(gelu_slope_root, x, select(x < 0.0, s, 1.0 - s));
  }
  template <class V> static V curvature(V x) {
    const V a = min(abs(x), 0x1p100);
    return (inverse_sqrt_2_pi * gaussian(x)) * fma(-a, a, 2.0);
  }
};
