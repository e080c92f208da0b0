// What an author writes for a new activation: the names, the textbook's formula, and the value in a form in which nothing overflows or cancels. The slope and the
// curvature follow from the value. On both sides of 0 all three are 1: there is no kink.
struct QuadraticExponential {
  static constexpr Spec spec{.name = "quadratic_exponential", .formula = "where(x < 0, exp(x), 1 + x + x^2/2)",
                             .description = "The exponential, continued by its own parabola from 0 on.", .aliases = "quadexp",
                             .slope_at_plus_infinity = "inf", .curvature_at_plus_infinity = "1"};

  template <class V> static V value(V x) { return select(x < 0.0, exp(min(x, 0.0)), fma(x, fma(x, 0.5, 1.0), 1.0)); }
};
