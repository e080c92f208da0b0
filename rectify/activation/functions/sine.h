// The sine, exactly reduced however large its argument. It has no limits. By default omega = 1, so that sine is the sine; SIREN's networks use sine(30).
struct Sine {
  static constexpr Spec spec{.name = "sine", .formula = "sin(omega*x)", .source = "Sitzmann, Martel, Bergman, Lindell and Wetzstein 2020, arXiv:2006.09661",
                             .description = "A wave: the activation of networks that represent signals.",
                             .parameters = {{.name = "omega", .default_value = 1, .meaning = "angular frequency; 30 in SIREN"}}, .aliases = "sin siren", .torch = "sin",
                             .onnx = "Sin", .at_minus_infinity = "nan", .at_plus_infinity = "nan", .slope_at_minus_infinity = "nan",
                             .slope_at_plus_infinity = "nan", .curvature_at_minus_infinity = "nan", .curvature_at_plus_infinity = "nan", .odd = true};

  template <class V> static V value(V x, V omega) {
    return select(abs(omega * x) < 0x1p-300, omega * x, rounded(wave(omega, x).sine));
  }
  template <class V> static V slope(V x, V omega) { return rounded(omega * wave(omega, x).cosine); }
  template <class V> static V curvature(V x, V omega) {
    return select(abs(omega * x) < 0x1p-300, -(omega * omega * omega) * x, rounded(-(omega * Precise<V>(omega)) * wave(omega, x).sine));
  }
};
