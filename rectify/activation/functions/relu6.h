// ReLU6: a ReLU that stops at 6. The slope at 0 and at 6 is 0, as PyTorch has it.
struct ReLU6 {
  static constexpr Spec spec{.name = "relu6", .formula = "min(max(x, 0), 6)", .slope_formula = "where(x > 0, where(x < 6, 1, 0), 0)", .curvature_formula = "0",
                             .source = "Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10", .description = "A ReLU clipped at 6.",
                             .torch = "relu6", .at_plus_infinity = "6", .slope_at_plus_infinity = "0", .kinks = "0; 6", .piecewise_linear = true};
  static constexpr bool only_selects = true;

  template <class V> static V value(V x) { return select(x > 0.0, select(x > 6.0, 6.0, x), 0.0); }
  template <class V> static V slope(V x) { return select((x > 0.0) & (x < 6.0), V(1.0), 0.0); }
  template <class V> static V curvature(V) { return 0.0; }
};
