// RReLU, the randomised leaky ReLU, in the form in which it is evaluated: with the mean of the slopes that its training draws uniformly from [lower, upper],
// one for every element. Nothing is drawn here: a module trains with the mean, too. The slope at 0 is that of the negative side, as PyTorch has it.
struct RReLU {
  static constexpr Spec spec{.name = "rrelu", .formula = "where(x > 0, x, (lower + upper)/2*x)", .slope_formula = "where(x > 0, 1, (lower + upper)/2)",
                             .curvature_formula = "0", .source = "Xu, Wang, Chen and Li 2015, arXiv:1505.00853",
                             .description = "The evaluation form of the randomised leaky ReLU: its slope is the mean of those that would be drawn.",
                             .parameters = {{.name = "lower", .default_value = 1.0 / 8, .meaning = "smallest slope for x <= 0"},
                                            {.name = "upper", .default_value = 1.0 / 3, .meaning = "largest slope for x <= 0, at least the smallest"}},
                             .requirement = "lower <= upper", .aliases = "randomized_leaky_relu", .torch = "rrelu",
                             .at_minus_infinity = "where(lower + upper > 0, -inf, where(lower + upper < 0, inf, -0))",
                             .slope_at_minus_infinity = "(lower + upper)/2", .kinks = "0", .piecewise_linear = true};

  template <class V> static V mean(V lower, V upper) { return 0.5 * lower + 0.5 * upper; }
  template <class V> static V value(V x, V lower, V upper) {
    const V m = mean(lower, upper), y = m * x;
    // 11/48 of a number often lies so close to a tie of float32 that only the product's low part tells the side.
    if constexpr (V::narrow && requires { to_odd(y, y); }) return select(x > 0.0, x, to_odd(y, fma(m, x, -y)));
    return select(x > 0.0, x, y);
  }
  template <class V> static V slope(V x, V lower, V upper) { return select(x > 0.0, 1.0, mean(lower, upper)); }
  template <class V> static V curvature(V, V, V) { return 0.0; }
  /// Nothing where the mean had not to be rounded.
  template <class V> static V value_error(V x, V y, V lower, V upper) {
    return select((x > 0.0) | (two_sum(0.5 * lower, 0.5 * upper).low == 0.0), 0.0, abs(y) * 0x1p-50);
  }
};
