// xIELU: a parabola on the right, the integral of an ELU on the left. The parameters are the coefficients themselves: where its authors learn
// a_p and a_n with alpha_p = softplus(a_p) and alpha_n = beta + softplus(a_n), here alpha_p and alpha_n are learned, from the same 0.8. Their
// constant eps, which keeps exp(x) - 1 from losing digits near 0, has no counterpart. The curvature jumps at 0, where it is the left one.
// The formula stops the exponential where it only tells the value from a tie.
struct XIELU {
  static constexpr Spec spec{.name = "xielu", .formula = "where(x > 0, alpha_p*x^2, alpha_n*(expm1(max(x, -2000)) - x)) + beta*x",
                             .slope_formula = "where(x > 0, 2*alpha_p*x, alpha_n*expm1(x)) + beta",
                             .curvature_formula = "where(x > 0, 2*alpha_p, alpha_n*exp(x))", .source = "Huang and Schlag 2024, arXiv:2411.13010",
                             .description = "A smooth activation with a linearly growing slope on the right and learned curvature on both sides.",
                             .parameters = {{.name = "alpha_p", .default_value = 0.8, .learned = true, .meaning = "half the curvature for x > 0"},
                                            {.name = "alpha_n", .default_value = 0.8, .learned = true, .meaning = "the curvature just left of 0"},
                                            {.name = "beta", .default_value = 0.5, .meaning = "slope at 0"}},
                             .at_minus_infinity = "where(beta < alpha_n, inf, where(beta > alpha_n, -inf, -alpha_n))",
                             .at_plus_infinity = "where(alpha_p > 0, inf, where(alpha_p < 0, -inf, where(beta > 0, inf, where(beta < 0, -inf, 0))))",
                             .slope_at_minus_infinity = "beta - alpha_n",
                             .slope_at_plus_infinity = "where(alpha_p > 0, inf, where(alpha_p < 0, -inf, beta))",
                             .curvature_at_minus_infinity = "where(alpha_n < 0, -0, 0)", .curvature_at_plus_infinity = "2*alpha_p"};

  template <class V> static V value(V x, V alpha_p, V alpha_n, V beta) {
    const auto near = x > -0.34;
    const V inside = max(min(x, 0.0), -0x1p500);
    const Precise<V> a = alpha_n, b = beta;
    const Precise<V> close = a * exp_excess(select(near, inside, 0.0)) + b * inside, beyond = a * expm1_of_nonpositive(inside) + (b - a) * inside;
    const V left = select(near, rounded(close), rounded(beyond));
    return select(x == 0.0, beta * x, select(x > 0.0, fma(alpha_p, x, beta) * x, select(x < -0x1p500, (beta - alpha_n) * x, left)));
  }
  template <class V> static V slope(V x, V alpha_p, V alpha_n, V beta) {
    return select(x > 0.0, fma(2.0 * alpha_p, x, beta), rounded(fma(alpha_n, expm1_of_nonpositive(min(x, 0.0)), Precise<V>(beta))));
  }
  template <class V> static V curvature(V x, V alpha_p, V alpha_n, V) {
    const DecayingExp<V> e = decaying_exp(min(x, 0.0));
    return select(x > 0.0, 2.0 * alpha_p, finished(alpha_n * e.exp, e.tail));
  }

  template <class V> static V value_error(V x, V y, V, V alpha_n, V beta) {
    const V a = abs(x);
    return select(x > 0.0, 0x1p-50 * abs(y), 0x1p-42 * abs(y) + 0x1p-45 * (abs(alpha_n) * min(a * a, a) + abs(beta) * a));
  }
  template <class V> static V slope_error(V x, V y, V, V alpha_n, V beta) {
    return select(x > 0.0, 0x1p-50 * abs(y), 0x1p-42 * abs(y) + 0x1p-45 * (abs(alpha_n) * min(-x, 1.0) + abs(beta)));
  }
};
