// Smooth ReLU of smooth adversarial training: continuously differentiable, 0 on the negative side. The curvature at 0 is 0.
struct SmoothReLU {
  static constexpr Spec spec{.name = "smooth_relu", .formula = "where(x > 0, x - log1p(alpha*x)/alpha, 0)",
                             .slope_formula = "where(x > 0, alpha*x/(1 + alpha*x), 0)", .curvature_formula = "where(x > 0, alpha/(1 + alpha*x)^2, 0)",
                             .source = "Xie, Tan, Gong, Yuille and Le 2020, arXiv:2006.14536", .description = "A ReLU with a continuous slope.",
                             .parameters = {{.name = "alpha", .default_value = 400, .minimum = 0, .minimum_allowed = false, .meaning = "sharpness"}},
                             .aliases = "sat_relu"};

  template <class V> static V value(V x, V alpha) {
    const V y = log1p_shortfall(max(x, 0.0), alpha);
    if constexpr (V::precise) {
      // Where x and the logarithm cancel most, pairs.
      const Pair<V> z = scaled(alpha, max(x, 0.0));
      const auto middle = (z.high > 0.25) & (z.high <= 1.0);
      const Pair<V> inside = select(middle, z, Pair<V>(0.5));
      return select(middle, rounded((inside - precise_log1p_of_unit(inside)) / Pair<V>(alpha)), y);
    } else {
      return y;
    }
  }
  template <class V> static V slope(V x, V alpha) {
    const Precise<V> z = as_precise(scaled(alpha, max(x, 0.0)));
    return rounded(z / (1.0 + z));
  }
  template <class V> static V curvature(V x, V alpha) {
    const Precise<V> d = 1.0 + as_precise(scaled(alpha, max(x, 0.0)));
    return select(x > 0.0, rounded(Precise<V>(alpha) / d / d), 0.0);
  }
};
