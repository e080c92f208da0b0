// The approximation of GELU by tanh, itself computed exactly: x times the sigmoid of z = 2 sqrt(2/pi) (x + 0.044715 x^3), z kept as a pair.
struct GELUTanh {
  static constexpr Spec spec{.name = "gelu_tanh", .formula = "x*sigmoid(2*sqrt(2/pi)*(x + 0.044715*x^3))",
                             .source = "Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2", .description = "GELU with tanh in place of erf.",
                             .aliases = "gelu_new gelu_fast gelu_pytorch_tanh gelu_approx approxgelu", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};
  static constexpr double linear = 0x1.9884533d43651p0, linear_low = -0x1.cbc0d30ebfd15p-54;     // 2 sqrt(2/pi)
  static constexpr double cubic = 0x1.2444f2a4d8b4bp-4, cubic_low = -0x1.6c843a29d1c7p-61;       // the same times 0.044715

  /// dz/dx.
  template <class V> static Precise<V> growth(V x) {
    const Precise<V> three_cubic = 3.0 * precise_constant<V>(cubic, cubic_low);
    if constexpr (V::precise) {
      return slope_at_zero<V>() + two_product(x, x) * three_cubic;
    } else {
      return fma(x * x, three_cubic, slope_at_zero<V>());
    }
  }
  template <class V> static Pair<V> argument(V x) {
    const V inside = min(max(x, -64.0), 64.0);
    const Pair<V> square = two_product(inside, inside);
    const Pair<V> term = two_product<V>(cubic, square.high);
    const Pair<V> factor = two_sum<V>(linear, term.high);
    const V low = (factor.low + term.low) + fma(square.high, cubic_low, fma(square.low, cubic, linear_low));
    const Pair<V> z = two_product(inside, factor.high);
    return {z.high, fma(inside, low, z.low)};
  }
  template <class V> static V value(V x) {
    const Tailed<V> gate = tailed_sigmoid(argument(x));
    return finished(gated(x, gate.value), gate.tail);
  }
  template <class V> static V slope(V x) {
    const auto below = x < 0.0;
    const V inside = min(max(x, -64.0), 64.0);
    const DecayingExp<V> e = decaying_exp(minus_abs(argument(x)));
    const Precise<V> rise = inside * growth(inside), d = 1.0 + e.exp;
    const Precise<V> n = select(below, e.exp * (d + rise), fma(rise, e.exp, d));
    return near_root(gelu_tanh_slope_root, x, finished(below, quotient(n, d * d), e.tail));
  }
  static constexpr int ordinary_slope_bits = 36;  // close to the slope's zero, where near_root takes over
  static constexpr size_t values_at_once = 8;
  static double ordinary() { return 7; }
  template <class V> static V ordinary_value(V x) { return quotient(x, 1.0 + brief_exp(x * fma(x * x, cubic, linear), V(-1.0))); }
  template <class V> static V ordinary_slope(V x) {
    const V square = x * x, e = brief_exp(x * fma(square, cubic, linear), V(-1.0)), d = 1.0 + e;
    return near_root(gelu_tanh_slope_root, x, quotient(fma(x * fma(square, 3.0 * cubic, linear), e, d), d * d));
  }
  template <class V> static V curvature(V x) {
    const V a = min(abs(x), 64.0);
    const DecayingExp<V> e = decaying_exp(minus_abs(argument(a)));
    const Precise<V> rise = growth(a), d = 1.0 + e.exp, tilt = quotient(e.expm1, d);  // 1 - 2 s for the positive argument
    // 2 z' + a z'' is 4 z' - 2 z'(0), since z is cubic
    const Precise<V> bracket = fma(a * (rise * rise), tilt, 4.0 * rise - 2.0 * slope_at_zero<V>());
    return near_root(gelu_tanh_curvature_root, -a, finished(quotient(e.exp, d * d) * bracket, e.tail));
  }
  template <class V> static Precise<V> slope_at_zero() { return precise_constant<V>(linear, linear_low); }
};
