// The logarithm of the sigmoid.
struct LogSigmoid {
  static constexpr Spec spec{.name = "logsigmoid", .formula = "-softplus(-x)", .source = "the logarithm of the sigmoid, as logistic regression needs it",
                             .description = "The sigmoid as a log probability: the identity far left, 0 from below on the right.", .aliases = "log_sigmoid",
                             .torch = "logsigmoid", .at_minus_infinity = "-inf", .at_plus_infinity = "-0", .slope_at_minus_infinity = "1",
                             .slope_at_plus_infinity = "0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) { return -softplus(-x); }
  template <class V> static V slope(V x) { return sigmoid(-x); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary() { return 40; }
  template <class V> static V ordinary_value(V x) { return min(x, 0.0) - brief_log1p_of_unit(brief_exp(abs(x), V(-1.0))); }
  template <class V> static V ordinary_slope(V x) { return quotient(V(1.0), 1.0 + brief_exp(x)); }
  template <class V> static V curvature(V x) { return -sigmoid_slope(x); }
};
