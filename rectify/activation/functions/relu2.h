// ReLU squared: continuously differentiable. The curvature at 0 is 0.
struct ReLU2 {
  static constexpr Spec spec{.name = "relu2", .formula = "max(x, 0)^2", .slope_formula = "2*max(x, 0)", .curvature_formula = "where(x > 0, 2, 0)",
                             .source = "So, Manke, Liu, Dai, Shazeer and Le 2021, arXiv:2109.08668", .description = "The square of a ReLU.",
                             .aliases = "relu_squared squared_relu sqrrelu", .slope_at_plus_infinity = "inf", .curvature_at_plus_infinity = "2"};

  template <class V> static V value(V x) {
    const V above = select(x > 0.0, x, 0.0);
    return above * above;
  }
  template <class V> static V slope(V x) { return select(x > 0.0, x + x, 0.0); }
  template <class V> static V curvature(V x) { return select(x > 0.0, V(2.0), 0.0); }
  template <class V> static V value_error(V, V) { return 0.0; }
};
