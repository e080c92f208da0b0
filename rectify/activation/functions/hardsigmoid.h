// Hard sigmoid: a clipped line. The slope at both ends is 0, as PyTorch has it. PyTorch's and Keras 3's line has the slope 1/6, which is no float64: the
// float64 nearest to it, 6004799503160661/2^55, stands for 1/6 itself, so that the ends are at -3 and 3 and the values near -3 are the textbook's.
struct HardSigmoid {
  static constexpr Spec spec{.name = "hardsigmoid",
                             .formula = "min(max(where((2^55*alpha - 6004799503160661)^2 < 1/2, x/6, alpha*x) + beta, 0), 1)",
                             .slope_formula = "where(where((2^55*alpha - 6004799503160661)^2 < 1/2, x/6, alpha*x) + beta > 0, "
                                              "where(where((2^55*alpha - 6004799503160661)^2 < 1/2, x/6, alpha*x) + beta < 1, alpha, 0), 0)",
                             .curvature_formula = "0", .source = "Courbariaux, Bengio and David 2015, arXiv:1511.00363",
                             .description = "A straight line clipped to [0, 1] in place of the sigmoid.",
                             .parameters = {{.name = "alpha", .default_value = 1.0 / 6, .meaning = "slope of the line; the float64 nearest to 1/6 stands for 1/6"},
                                            {.name = "beta", .default_value = 0.5, .meaning = "value of the line at 0"}},
                             .aliases = "hard_sigmoid", .torch = "hardsigmoid", .onnx = "HardSigmoid",
                             .at_minus_infinity = "where(alpha > 0, 0, where(alpha < 0, 1, where(beta < 0, 0, where(beta > 1, 1, beta))))",
                             .at_plus_infinity = "where(alpha > 0, 1, where(alpha < 0, 0, where(beta < 0, 0, where(beta > 1, 1, beta))))",
                             .slope_at_plus_infinity = "0", .kinks = "-beta/alpha; (1 - beta)/alpha", .piecewise_linear = true};

  /// The line times `unit`, which is 6 where alpha stands for 1/6 and else 1, as a pair, and the same less `unit`: 0 at the ends and nowhere else.
  template <class V> struct Line {
    V unit;
    Pair<V> above_floor;
    V below_ceiling;
  };
  template <class V> static Line<V> line(V x, V alpha, V beta) {
    const auto is_sixth = alpha == 1.0 / 6;
    const V unit = select(is_sixth, V(6.0), 1.0), slope = fma(unit, alpha, select(is_sixth, V(0x1p-54), 0.0));  // 6 alpha falls short of 1 by 2^-54
    const Pair<V> offset = two_product(unit, beta), rest = two_sum(offset.high, -unit);
    const V rise = min(max(slope * x, -0x1p1021), 0x1p1021);  // far outside, and no infinity
    const Pair<V> part{rise, select(abs(rise) < 0x1p1021, fma(slope, x, -rise), 0.0)};
    return {unit, part + offset, fma(slope, x, rest.high) + (rest.low + offset.low)};
  }
  template <class V> static V value(V x, V alpha, V beta) {
    const auto [unit, above_floor, below_ceiling] = line(x, alpha, beta);
    const V inverse = 1.0 / unit, y = above_floor.high * inverse, exact = fma(fma(-unit, y, above_floor.high) + above_floor.low, inverse, y);
    return select(above_floor.high > 0.0, select(below_ceiling < 0.0, exact, 1.0), 0.0);
  }
  template <class V> static V slope(V x, V alpha, V beta) {
    const auto [unit, above_floor, below_ceiling] = line(x, alpha, beta);
    return select((above_floor.high > 0.0) & (below_ceiling < 0.0), alpha, 0.0);
  }
  template <class V> static V curvature(V, V, V) { return 0.0; }
  /// Nothing where the line is exact and on the flat parts.
  template <class V> static V value_error(V x, V y, V alpha, V beta) {
    const auto [unit, above_floor, below_ceiling] = line(x, alpha, beta);
    const auto on_the_line = (above_floor.high > 0.0) & (below_ceiling < 0.0);
    return select(on_the_line & !(fma(-unit, y, above_floor.high) + above_floor.low == 0.0), abs(y) * 0x1p-50, 0.0);
  }
};
