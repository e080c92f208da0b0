// Softplus with sharpness beta: a smooth ReLU; its slope is the sigmoid. No threshold: the formula is good everywhere.
struct Softplus {
  static constexpr Spec spec{.name = "softplus", .formula = "softplus(beta*x)/beta",
                             .source = "Dugas, Bengio, Belisle, Nadeau and Garcia 2001", .description = "A smooth ReLU whose slope is the sigmoid.",
                             .parameters = {{.name = "beta", .default_value = 1, .minimum = 0, .minimum_allowed = false, .meaning = "sharpness"}},
                             .aliases = "parametric_softplus soft_relu smooth_softplus", .torch = "softplus", .onnx = "Softplus"};

  template <class V> static V value(V x, V beta) {
    return fma(log1p_of_unit(exp_of_nonpositive(minus_abs(scaled(beta, x)))), 1.0 / beta, max(x, 0.0));
  }
  template <class V> static V slope(V x, V beta) { return sigmoid(scaled(beta, x)); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary(double beta) { return activation::ordinary_size(40, beta); }
  template <class V> static V ordinary_value(V x, V beta) { return fma(brief_log1p_of_unit(brief_exp(abs(x), -abs(beta))), 1.0 / beta, max(x, 0.0)); }
  template <class V> static V ordinary_slope(V x, V beta) { return quotient(V(1.0), 1.0 + brief_exp(x, -beta)); }
  template <class V> static V curvature(V x, V beta) { return sigmoid_slope(scaled(beta, x), beta); }
};
