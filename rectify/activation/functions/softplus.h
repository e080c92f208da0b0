// Softplus with sharpness beta: a smooth ReLU; its slope is the sigmoid. No threshold: the formula is good everywhere.
struct Softplus {
  static constexpr Spec spec{.name = "softplus", .formula = "softplus(beta*x)/beta",
                             .source = "Dugas, Bengio, Belisle, Nadeau and Garcia 2001", .description = "A smooth ReLU whose slope is the sigmoid.",
                             .parameters = {{.name = "beta", .default_value = 1, .minimum = 0, .minimum_allowed = false, .meaning = "sharpness"}},
                             .aliases = "parametric_softplus soft_relu smooth_softplus", .torch = "softplus", .onnx = "Softplus"};

  template <class V> static V value(V x, V beta) {
    return fma(log1p_of_unit(exp_of_nonpositive(minus_abs(scaled(beta, x)))), 1.0 / beta, max(x, 0.0));
  }
  template <class V> static V slope(V x, V beta) {
    const Pair<V> z = scaled(beta, x);
    return within_the_line(z.high, 0.25, sigmoid(z));
  }
  template <class V> static V curvature(V x, V beta) { return sigmoid_slope(scaled(beta, x), beta); }
};
