// Quick GELU: the approximation of GELU by a sigmoid, Swish with sharpness 1.702.
struct QuickGELU {
  static constexpr Spec spec{.name = "quick_gelu", .formula = "x*sigmoid(1.702*x)", .source = "Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2",
                             .description = "GELU with a sigmoid in place of the normal distribution.", .aliases = "gelu_quick gelu_fast_approx gelu_sigmoid",
                             .at_minus_infinity = "-0", .slope_at_minus_infinity = "-0", .curvature_at_minus_infinity = "-0",
                             .curvature_at_plus_infinity = "-0"};
  static constexpr double sharpness = 0x1.b3b645a1cac08p+0, sharpness_low = 0x1.89374bc6a7efap-55;

  template <class V> static auto argument(V x) { return scaled(sharpness, sharpness_low, x); }
  template <class V> static V value(V x) {
    const Tailed<V> gate = tailed_sigmoid(argument(x));
    return finished(gated(x, gate.value), gate.tail);
  }
  template <class V> static V slope(V x) { return silu_slope(argument(x)); }
  static constexpr size_t values_at_once = 8;
  static double ordinary() { return 23; }
  template <class V> static V ordinary_value(V x) { return quotient(x, 1.0 + brief_exp(x, V(-sharpness))); }
  template <class V> static V curvature(V x) { return constant<V>(sharpness, sharpness_low) * silu_curvature(argument(x)); }

  // The argument is rounded, which counts where terms cancel.
  template <class V> static V slope_error(V x, V y) { return select(abs(x + 0.7512) < 0.125, 0x1p-48, abs(y) * 0x1p-42); }
  template <class V> static V curvature_error(V x, V y) { return select(abs(abs(x) - 1.4097) < 0.125, 0x1p-48, abs(y) * 0x1p-42); }
};
