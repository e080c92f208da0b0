// SELU: an ELU scaled so that zero mean and unit variance are a fixed point. At 0 the slope is the exponential side's, as PyTorch has it.
struct SELU {
  static constexpr Spec spec{
      .name = "selu",
      .formula = "1.0507009873554804934193349852946 * where(x > 0, x, 1.6732632423543772848170429916717*expm1(x))",
      .slope_formula = "1.0507009873554804934193349852946 * where(x > 0, 1, 1.6732632423543772848170429916717*exp(x))",
      .curvature_formula = "where(x < 0, 1.0507009873554804934193349852946*1.6732632423543772848170429916717*exp(x), 0)",
      .source = "Klambauer, Unterthiner, Mayr and Hochreiter 2017, arXiv:1706.02515",
      .description = "An ELU with the two constants that make layers normalise themselves.",
      .torch = "selu",
      .onnx = "Selu",
      .at_minus_infinity = "-1.0507009873554804934193349852946*1.6732632423543772848170429916717",
      .slope_at_plus_infinity = "1.0507009873554804934193349852946",
      .kinks = "0"};
  template <class V> static V scale() { return constant<V>(0x1.0cfabd6a91132p+0, 0x1.6fc7d272f2695p-55); }
  template <class V> static Precise<V> negative_scale() { return precise_constant<V>(0x1.c212cc640f031p+0, 0x1.05161b045a1fep-56); }

  template <class V> static V value(V x) { return select(x >= 0.0, scale<V>() * x, rounded(negative_scale<V>() * expm1_of_nonpositive(min(x, 0.0)))); }
  template <class V> static V decayed(V x) {
    const DecayingExp<V> e = decaying_exp(min(x, 0.0));
    return finished(negative_scale<V>() * e.exp, e.tail);
  }
  template <class V> static V slope(V x) { return select(x > 0.0, scale<V>(), decayed(x)); }
  static constexpr size_t slopes_at_once = 8;
  static double ordinary() { return 40; }
  template <class V> static V ordinary_value(V x) {
    const auto [power, q] = reduced_exp<V>(x);
    return select(x >= 0.0, high_of(scale<V>()) * x, high_of(negative_scale<V>()) * fma(power, q, power - 1.0));
  }
  template <class V> static V ordinary_slope(V x) { return select(x > 0.0, high_of(scale<V>()), high_of(negative_scale<V>()) * brief_exp(x)); }
  template <class V> static V curvature(V x) { return select(x < 0.0, decayed(x), 0.0); }
};
