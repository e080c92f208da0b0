// The normal distribution and the error function on float64 lanes.
// Textual: included inside a namespace after blocks.h, whose header comment holds here too. No include guard.

/// exp(-x^2/2). Error 2^-52 (precise: 2^-55).
template <class V>
RECTIFY_INLINE Tailed<V> gaussian(V x) {
  const V a = min(abs(x), 64.0);
  const Pair<V> square = two_product(a, a);
  const DecayingExp<V> e = decaying_exp(Pair<V>(-0.5 * square.high, -0.5 * square.low));
  return {e.exp, e.tail};
}

/// Mills' ratio of the normal distribution over sqrt(2 pi): (1 - Phi(a)) exp(a^2/2), a >= 0. Error 2^-50.5 (precise: 2^-53) up to a = 20 (precise: 40),
/// where exp(-a^2/2) ends. Through q = 1/(a + K), as a polynomial in an affine image u of q on [-1, 1].
template <class X, class V = decltype(high_of(X()))>
RECTIFY_INLINE Precise<V> mills(X a) {
  if constexpr (V::precise) {
    constexpr double c[] = {0x1.effffeef974cep-2,  0x1.1ccb5a7d95aacp-2,  0x1.092dacfb432f1p-3,  0x1.7c6f6bcd56017p-5,  0x1.704159f4b1751p-7,
                            0x1.d3c9e36156dcep-11, -0x1.1694e0b3b4e8bp-11, -0x1.9ffe825ba03f7p-13, 0x1.0e3e5ab544948p-18, 0x1.332e730f8c189p-16,
                            0x1.09efab85f9006p-19, -0x1.b5f260e3c0daap-20, -0x1.513e7db710f58p-22, 0x1.6355f44c3a1f5p-23, 0x1.3fbadffbfd813p-25,
                            -0x1.4c40f74cbf566p-26, -0x1.f7ede692d09dep-29, 0x1.3292c4471518p-29, 0x1.01c57e18f7f9fp-32, -0x1.735e374a60645p-33};
    const Pair<V> q = Pair<V>(1.0) / (5.0 + select(high_of(a) < 40.0, as_precise(a), 40.0));
    const Pair<V> u = (q - 0x1.c71c71c71c71cp-4) * 0x1.67fffffffe97fp3;
    // The first three coefficients in pairs: what follows weighs little enough for float64.
    return q * (0x1.b30b52fe27787p-1 + u * (0x1.66a356c45f0f3p-1 + u * (c[0] + u * Pair<V>(polynomial<19>(u.high, c + 1)))));
  } else {
    constexpr double c[] = {0x1.f3654edb302ecp-1, 0x1.9bba9f852b8bep-1, 0x1.23ec5b25d448p-1, 0x1.6455d2e322fedp-2, 0x1.74a5909157bc5p-3,
                            0x1.49ed8442bf857p-4, 0x1.e325477849234p-6, 0x1.170a4ca0b17fbp-7, 0x1.c476ed63ef118p-10, 0x1.2a6dc64cdb195p-13,
                            -0x1.8378733cfa274p-15, -0x1.3480681de1f45p-16, -0x1.468cc56ad9686p-20, 0x1.ced03a7727626p-21, 0x1.b668d59d92104p-23,
                            -0x1.f88f594af9076p-26, -0x1.11c9b6a8f72bcp-26, 0x1.6bc85ca401f37p-31, 0x1.d273377eef085p-31};
    const V q = quotient(V(1.0), min(high_of(a), 20.0) + 6.0);
    return q * polynomial((q - 0x1.a41a41a41a41ap-4) * 0x1.f3333333313ffp3, c);
  }
}

/// The same for 0 <= a <= 9 in narrow lanes. Error 2^-41. As a rational function, from mills.py.
template <class V>
RECTIFY_INLINE V brief_mills(V a) {
  constexpr double above[] = {0x1.5cb09adaae7a0p+10, 0x1.817a3bd12a692p+10, 0x1.a54c1002aef2cp+9, 0x1.14b3c50b0b971p+8, 0x1.c75650ac21f89p+5, 0x1.bceb7fce7e8c2p+2, 0x1.988464ecfd327p-2};
  constexpr double below[] = {0x1.5cb09adaae271p+11, 0x1.4bd88ab7ef74ap+12, 0x1.1aed2f99d0f3ep+12, 0x1.198d9c0710738p+11, 0x1.63850a0e86fc5p+9, 0x1.1f5673711b90bp+7, 0x1.16d019b7c2302p+4};
  V p = above[6], q = a + below[6];
#pragma GCC unroll 6
  for (int i = 5; i >= 0; --i) {
    p = fma(p, a, above[i]);
    q = fma(q, a, below[i]);
  }
  return quotient(p, q);
}

/// Phi(x), the normal distribution function. Error 2^-50 (precise: 2^-53).
template <class V>
RECTIFY_INLINE Tailed<V> tailed_normal_distribution(V x) {
  const auto below = x < 0.0;
  const auto [e, tail] = gaussian(x);
  const Precise<V> upper = e * mills(abs(x));
  return {select(below, upper, 1.0 - upper), select(below, tail, 1.0)};
}

/// erfc(x). Error 2^-50 (precise: 2^-53).
template <class V>
RECTIFY_INLINE V erfc(V x) {
  // erfc(x) = 2 (1 - Phi(x sqrt(2))), the exponential from x itself.
  const V a = min(abs(x), 32.0);
  Pair<V> scaled_a = two_product<V>(a, 0x1.6a09e667f3bcdp0);
  scaled_a.low = fma(a, -0x1.bdd3413b26456p-54, scaled_a.low);
  const Pair<V> square = two_product(a, a);
  const DecayingExp<V> e = decaying_exp(Pair<V>(-square.high, -square.low));
  const Precise<V> upper = 2.0 * e.exp * mills(scaled_a);
  return finished(x >= 0.0, select(x < 0.0, 2.0 - upper, upper), e.tail);
}

/// erf(x) = x (first + x^2 P(x^2)) for |x| <= 1, first = 2/sqrt(pi).
inline constexpr double erf_coefficients[] = {-0x1.812746b0379cap-2, 0x1.ce2f21a041df3p-4,  -0x1.b82ce3125647ap-6, 0x1.565bcd07fa605p-8,
                                              -0x1.c02db2f9c2b97p-11, 0x1.f9a30b576b8cdp-14, -0x1.f4d05fc88779p-17, 0x1.b9cd79977710dp-20,
                                              -0x1.5e94fcc841835p-23, 0x1.f253bae7bd7b4p-27, -0x1.290ef2ae1b7c8p-30, 0x1.bcc76750375a2p-35};

/// erf(x). Error 2^-52.
template <class V>
RECTIFY_INLINE V erf(V x) {
  const V a = min(abs(x), 1.0), square = a * a;
  return select(abs(x) <= 1.0, fma(x, two_over_sqrt_pi, x * fma(square, polynomial(square, erf_coefficients), two_over_sqrt_pi_low)), copysign(1.0 - erfc(abs(x)), x));
}
