// The Laplace gate: the distribution function of a normal distribution, by default the one that stands in for a squared ReLU.
struct Laplace {
  static constexpr Spec spec{.name = "laplace", .formula = "erfc((mu - x)/(sigma*sqrt(2)))/2",
                             .source = "Ma, Zhou, Kong, He, Gui, Neubig, May and Zettlemoyer 2022, arXiv:2209.10655",
                             .description = "The normal distribution function with a mean and a deviation: an attention gate that is bounded and has a bounded slope.",
                             .parameters = {{.name = "mu", .default_value = 0.707107, .meaning = "mean"},
                                            {.name = "sigma", .default_value = 0.282095, .minimum = 0, .minimum_allowed = false, .meaning = "standard deviation"}},
                             .at_plus_infinity = "1", .slope_at_plus_infinity = "0", .curvature_at_plus_infinity = "-0"};

  /// (x - mu)/sigma, within +-64.
  template <class V> static Precise<V> argument(V x, V mu, V sigma) {
    const Precise<V> u = (as_precise(min(max(x, -0x1p500), 0x1p500)) - Precise<V>(mu)) / Precise<V>(sigma);
    const auto inside = abs(high_of(u)) < 64.0;
    return select(inside, u, Precise<V>(min(max(high_of(u), -64.0), 64.0)));
  }
  template <class V> static V value(V x, V mu, V sigma) {
    const Tailed<V> p = precise_normal_distribution(argument(x, mu, sigma));
    return finished(p.value, p.tail);
  }
  template <class V> static V slope(V x, V mu, V sigma) {
    const Tailed<V> e = precise_gaussian(argument(x, mu, sigma));
    return finished(inverse_root_of_two_pi<V>() * e.value / Precise<V>(sigma), e.tail);
  }
  template <class V> static V curvature(V x, V mu, V sigma) {
    const Precise<V> u = argument(x, mu, sigma);
    const Tailed<V> e = precise_gaussian(u);
    return finished(inverse_root_of_two_pi<V>() * e.value * -u / (sigma * Precise<V>(sigma)), e.tail);
  }
};
