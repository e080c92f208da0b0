// Thresholded ReLU: the identity above theta, 0 up to it. The slope at theta is 0, as PyTorch has it for the threshold.
struct ThresholdedReLU {
  static constexpr Spec spec{.name = "thresholded_relu", .formula = "where(x > theta, x, 0)", .slope_formula = "where(x > theta, 1, 0)",
                             .curvature_formula = "0", .source = "Konda, Memisevic and Krueger 2015, arXiv:1402.3337",
                             .description = "The input above a threshold, 0 elsewhere.",
                             .parameters = {{.name = "theta", .default_value = 1, .meaning = "threshold"}}, .onnx = "ThresholdedRelu", .kinks = "theta",
                             .piecewise_linear = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x, V theta) { return select(x > theta, x, 0.0); }
  template <class V> static V slope(V x, V theta) { return select(x > theta, V(1.0), 0.0); }
  template <class V> static V curvature(V, V) { return 0.0; }
};
