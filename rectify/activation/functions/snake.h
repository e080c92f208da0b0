// Snake: the identity plus a squared sine, that is x + (1 - cos(2 f x))/(2 f). Its slope 1 + sin(2 f x) is never negative.
struct Snake {
  static constexpr Spec spec{.name = "snake", .formula = "x + sin(frequency*x)^2/frequency", .source = "Liu, Hartwig and Ueda 2020, arXiv:2006.08195",
                             .description = "A rising wave, which learns periodic functions and extrapolates them.",
                             .parameters = {{.name = "frequency", .default_value = 1, .learned = true, .minimum = 0, .minimum_allowed = false,
                                             .meaning = "frequency of the ripple"}},
                             .at_minus_infinity = "-inf", .slope_at_minus_infinity = "nan", .slope_at_plus_infinity = "nan",
                             .curvature_at_minus_infinity = "nan", .curvature_at_plus_infinity = "nan"};

  template <class V> static V value(V x, V frequency) {
    const Precise<V> ripple = wave(2.0 * frequency, x).versine / (2.0 * Precise<V>(frequency));
    return select(x == 0.0, x, rounded(x + ripple));
  }
  template <class V> static V slope(V x, V frequency) { return rounded(wave(2.0 * frequency, x).raised_sine); }
  template <class V> static V curvature(V x, V frequency) { return rounded(2.0 * Precise<V>(frequency) * wave(2.0 * frequency, x).cosine); }
};
