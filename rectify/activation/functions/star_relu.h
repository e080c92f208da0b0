// StarReLU: the squared ReLU, scaled and shifted to zero mean and unit variance for normal input. The curvature at 0 is 0.
struct StarReLU {
  static constexpr Spec spec{.name = "star_relu", .formula = "scale*max(x, 0)^2 + offset", .slope_formula = "2*scale*max(x, 0)",
                             .curvature_formula = "where(x > 0, 2*scale, 0)", .source = "Yu et al. 2022, arXiv:2210.13452",
                             .description = "A squared ReLU, scaled and shifted to zero mean and unit variance.",
                             .parameters = {{.name = "scale", .default_value = 0.8944, .meaning = "factor of the square"},
                                            {.name = "offset", .default_value = -0.4472, .meaning = "value for x <= 0"}},
                             .at_minus_infinity = "offset", .at_plus_infinity = "where(scale > 0, inf, where(scale < 0, -inf, offset))",
                             .slope_at_plus_infinity = "where(scale > 0, inf, where(scale < 0, -inf, 0))", .curvature_at_plus_infinity = "2*scale"};

  template <class V> static V value(V x, V scale, V offset) {
    const V above = select(x > 0.0, x, 0.0);
    if constexpr (V::precise) {
      // The square needs its low part where the sum cancels; out there, where pairs would overflow, nothing does.
      const V plain = fma(scale * above, above, offset);
      return select((abs(plain) < 0x1p1000) & (above < 0x1p500), rounded(two_product(scale, above) * Pair<V>(above) + offset), plain);
    } else {
      return fma(scale, above * above, offset);
    }
  }
  template <class V> static V slope(V x, V scale, V) { return select(x > 0.0, (scale + scale) * x, 0.0); }
  template <class V> static V curvature(V x, V scale, V) { return select(x > 0.0, scale + scale, 0.0); }
};
