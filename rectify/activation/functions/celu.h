// CELU: an ELU whose slope is continuous for every alpha. The curvature jumps at 0, where it is 0.
struct CELU {
  static constexpr Spec spec{.name = "celu", .formula = "where(x > 0, x, alpha*expm1(x/alpha))", .slope_formula = "where(x > 0, 1, exp(x/alpha))",
                             .curvature_formula = "where(x < 0, exp(x/alpha)/alpha, 0)", .source = "Barron 2017, arXiv:1704.07483",
                             .description = "An ELU that stays smooth when its scale changes.",
                             .parameters = {{.name = "alpha", .default_value = 1, .minimum = 0, .minimum_allowed = false,
                                             .meaning = "minus the limit at -infinity, and the scale of x"}},
                             .torch = "celu", .onnx = "Celu", .at_minus_infinity = "-alpha"};

  template <class V> static V value(V x, V alpha) {
    const auto z = ratio(min(x, 0.0), alpha);
    const V bent = rounded(alpha * decaying_exp(z).expm1);
    return select((x >= 0.0) | (abs(high_of(z)) < 0x1p-60), x, bent);  // beside 0, z may be subnormal
  }
  template <class V> static V slope(V x, V alpha) { return exp_of_nonpositive(ratio(min(x, 0.0), alpha)); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary(double alpha) { return activation::ordinary_size(40, 1 / alpha); }
  template <class V> static V ordinary_value(V x, V alpha) {
    const auto [power, q] = reduced_exp<V>(x * (1.0 / alpha));
    return select(x >= 0.0, x, alpha * fma(power, q, power - 1.0));
  }
  template <class V> static V ordinary_slope(V x, V alpha) { return select(x > 0.0, 1.0, brief_exp(x, 1.0 / alpha)); }
  template <class V> static V curvature(V x, V alpha) {
    const DecayingExp<V> e = decaying_exp(ratio(min(x, 0.0), alpha));
    return select(x < 0.0, finished(e.exp / Precise<V>(alpha), e.tail), 0.0);
  }
};
