// ReLU, the rectified linear unit. The slope at 0 is 0, as PyTorch has it.
struct ReLU {
  static constexpr Spec spec{.name = "relu", .formula = "max(x, 0)", .slope_formula = "where(x > 0, 1, 0)", .curvature_formula = "0",
                             .source = "Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines",
                             .description = "Passes what is positive and silences the rest.", .aliases = "rectifier ramp", .torch = "relu", .onnx = "Relu",
                             .kinks = "0", .piecewise_linear = true, .slope_from_output = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x) { return select(x > 0.0, x, 0.0); }
  template <class V> static V slope(V x) { return select(x > 0.0, V(1.0), 0.0); }
  template <class V> static V curvature(V) { return 0.0; }
};
