// Elliott's sigmoid, 1/2 + x/(2(1 + |x|)): a softsign moved to (0, 1). The curvature jumps at 0 and is 0 there.
struct Elliott {
  static constexpr Spec spec{.name = "elliott", .formula = "where(x < 0, 1/(2*(1 - x)), (1 + 2*x)/(2*(1 + x)))", .slope_formula = "1/(2*(1 + abs(x))^2)",
                             .curvature_formula = "-sign(x)/(1 + abs(x))^3",
                             .source = "Elliott 1993, A better activation function for artificial neural networks",
                             .description = "Squashes to (0, 1) with tails that fall as 1/|x|.", .aliases = "elliot", .at_plus_infinity = "1",
                             .slope_at_plus_infinity = "0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Precise<V> a = abs(x);
    return rounded(select(x < 0.0, Precise<V>(0.5), 0.5 + a) / (1.0 + a));
  }
  template <class V> static V slope(V x) { return 0.5 * Softsign::slope(x); }
  template <class V> static V curvature(V x) { return 0.5 * Softsign::curvature(x); }
};
