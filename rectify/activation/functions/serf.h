// SERF: the input gated by the error function of its softplus.
struct Serf {
  static constexpr Spec spec{.name = "serf", .formula = "x*erf(softplus(x))", .source = "Nag and Bhattacharyya 2021, arXiv:2108.09598",
                             .description = "The input gated by erf of its softplus: a Mish whose gate opens faster.", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};

  template <class V> static V value(V x) {
    const Tailed<V> s = tailed_softplus(x);
    return finished(gated(x, precise_erf(s.value)), s.tail);
  }
  /// The gate's slope: exp(-softplus^2), of which the factor 2/sqrt(pi) is already part, times the sigmoid.
  template <class V> static Precise<V> density(const Tailed<V>& decay, const Tailed<V>& sigma) {
    return precise_constant<V>(two_over_sqrt_pi, two_over_sqrt_pi_low) * decay.value * sigma.value;
  }
  template <class V> static V slope(V x) {
    const Tailed<V> s = tailed_softplus(x);
    const Precise<V> rise = bounded(x) * density(bell(s.value), tailed_sigmoid(x));
    return near_root(serf_slope_root, x, finished(x < 0.0, precise_erf(s.value) + rise, s.tail));
  }
  template <class V> static V curvature(V x) {
    const Tailed<V> s = tailed_softplus(x), decay = bell(s.value), sigma = tailed_sigmoid(x), rest = tailed_sigmoid(-x);
    const Precise<V> bend = rest.value - 2.0 * bounded(s.value) * sigma.value;
    const V c = finished(density(decay, sigma) * fma(bounded(x), bend, Precise<V>(2.0)), select(x < 0.0, s.tail, decay.tail));
    return near_root(serf_curvature_left_root, x, near_root(serf_curvature_right_root, x, c));
  }
};
