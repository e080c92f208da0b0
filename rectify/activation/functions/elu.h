// ELU, the exponential linear unit. At 0 the slope is that of the exponential side, alpha, as PyTorch has it; the curvature there is 0.
struct ELU {
  static constexpr Spec spec{.name = "elu", .formula = "where(x > 0, x, alpha*expm1(x))", .slope_formula = "where(x > 0, 1, alpha*exp(x))",
                             .curvature_formula = "where(x < 0, alpha*exp(x), 0)", .source = "Clevert, Unterthiner and Hochreiter 2016, arXiv:1511.07289",
                             .description = "A ReLU whose negative side bends softly to -alpha.",
                             .parameters = {{.name = "alpha", .default_value = 1, .meaning = "minus the limit at -infinity"}}, .torch = "elu", .onnx = "Elu",
                             .at_minus_infinity = "-alpha", .slope_at_minus_infinity = "where(alpha < 0, -0, 0)",
                             .curvature_at_minus_infinity = "where(alpha < 0, -0, 0)", .kinks = "0"};

  template <class V> static V value(V x, V alpha) { return select(x >= 0.0, x, rounded(alpha * expm1_of_nonpositive(min(x, 0.0)))); }
  template <class V> static V decayed(V x, V alpha) {
    const DecayingExp<V> e = decaying_exp(min(x, 0.0));
    return finished(alpha * e.exp, e.tail);
  }
  template <class V> static V slope(V x, V alpha) { return select(x > 0.0, 1.0, decayed(x, alpha)); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary(double alpha) { return activation::ordinary_size(1, alpha) > 0 ? 40 : 0; }
  template <class V> static V ordinary_value(V x, V alpha) {
    const auto [power, q] = reduced_exp<V>(x);
    return select(x >= 0.0, x, alpha * fma(power, q, power - 1.0));
  }
  template <class V> static V ordinary_slope(V x, V alpha) { return select(x > 0.0, 1.0, alpha * brief_exp(x)); }
  template <class V> static V curvature(V x, V alpha) { return select(x < 0.0, decayed(x, alpha), 0.0); }
};
