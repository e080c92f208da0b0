// The approximation of GELU by tanh, itself computed exactly: x times the sigmoid of z = 2 sqrt(2/pi) (x + 0.044715 x^3), z kept as a pair.
struct GELUTanh {
  static constexpr Spec spec{.name = "gelu_tanh", .formula = "x*sigmoid(2*sqrt(2/pi)*(x + 0.044715*x^3))",
                             .source = "Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2", .description = "GELU with tanh in place of erf.",
                             .aliases = "gelu_new gelu_fast gelu_pytorch_tanh gelu_approx approxgelu", .at_minus_infinity = "-0",
                             .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0", .curvature_at_plus_infinity = "-0"};
  static constexpr double linear = 0x1.9884533d43651p0, linear_low = -0x1.cbc0d30ebfd15p-54;     // 2 sqrt(2/pi)
  static constexpr double cubic = 0x1.2444f2a4d8b4bp-4, cubic_low = -0x1.6c843a29d1c7p-61;       // the same times 0.044715

  template <class V> static Pair<V> argument(V x) {
    const V inside = min(max(x, -64.0), 64.0);
    const Pair<V> square = two_product(inside, inside);
    const Pair<V> term = two_product<V>(cubic, square.high);
    const Pair<V> factor = two_sum<V>(linear, term.high);
    const V low = (factor.low + term.low) + fma(square.high, cubic_low, fma(square.low, cubic, linear_low));
    const Pair<V> z = two_product(inside, factor.high);
    return {z.high, fma(inside, low, z.low)};
  }
  template <class V> static V value(V x) { return x * off_the_half(x, sigmoid(argument(x))); }
  template <class V> static V slope(V x) {
    const auto below = x < 0.0;
    const V inside = min(max(x, -64.0), 64.0), growth = fma(inside * inside, 3.0 * cubic, linear);  // dz/dx
    const V e = exp_of_nonpositive(minus_abs(argument(x))), d = 1.0 + e;
    const V n = select(below, e * fma(inside, growth, d), fma(inside * growth, e, d));
    return near_root(gelu_tanh_slope_root, x, n / (d * d));
  }
  template <class V> static V curvature(V x) {
    const V a = min(abs(x), 64.0), square = a * a, growth = fma(square, 3.0 * cubic, linear);
    const auto [e, m] = exp_and_expm1(minus_abs(argument(a)));
    const V d = 1.0 + e, tilt = m / d;  // 1 - 2 s for the positive argument
    const V bracket = fma(a * (growth * growth), tilt, fma(square, 6.0 * cubic, growth + growth));
    return near_root(gelu_tanh_curvature_root, -a, e / (d * d) * bracket);
  }
};
