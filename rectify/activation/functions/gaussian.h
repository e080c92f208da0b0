// The bell curve.
struct Gaussian {
  static constexpr Spec spec{.name = "gaussian", .formula = "exp(-x^2)",
                             .source = "Broomhead and Lowe 1988, Radial basis functions, multi-variable functional interpolation and adaptive networks",
                             .description = "Answers to inputs near 0 and is silent far from it.", .at_plus_infinity = "0", .slope_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Tailed<V> e = bell(x);
    return finished(e.value, e.tail);
  }
  template <class V> static V slope(V x) {
    const Tailed<V> e = bell(x);
    return finished(-2.0 * (bounded(x) * e.value), e.tail);
  }
  static double ordinary() { return 6.5; }
  template <class V> static V ordinary_value(V x) { return brief_exp(x * x, V(-1.0)); }
  template <class V> static V ordinary_slope(V x) { return (-2.0 * x) * brief_exp(x * x, V(-1.0)); }
  template <class V> static V curvature(V x) {
    const Tailed<V> e = bell(x);
    const Precise<V> a = 2.0 * bounded(x);
    return finished(e.value * fma(a, a, Precise<V>(-2.0)), e.tail);
  }
};
