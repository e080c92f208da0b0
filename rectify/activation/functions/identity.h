// Identity: what a layer without an activation computes.
struct Identity {
  static constexpr Spec spec{.name = "identity", .formula = "x", .description = "The input itself.", .aliases = "linear none passthrough",
                             .at_minus_infinity = "-inf", .slope_at_minus_infinity = "1", .piecewise_linear = true, .odd = true,
                             .slope_from_output = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x) { return x; }
  template <class V> static V slope(V) { return 1.0; }
  template <class V> static V curvature(V) { return 0.0; }
};
