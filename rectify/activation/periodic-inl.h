// Sine and cosine on float64 lanes, of a product that is never rounded, for arguments of any size.
// Textual: included inside a namespace after blocks.h (and jet.h, where jets are used) and <.../activation/reduction.h>. No include guard.

/// An angle less whole quarter turns, of which `quadrant`, modulo 4, is in [-2, 2].
template <class V>
struct Turned {
  Pair<V> rest;
  V quadrant;
};

/// The angle z.high + z.low for |z.high| <= 2^30 by Cody and Waite's method, pi/2 being in three parts. Error 2^-129 absolute, and 2^-100 relative.
template <class V>
RECTIFY_INLINE Turned<V> quickly_turned(Pair<V> z) {
  const V n = round(z.high * 0x1.45f306dc9c883p-1);
  const V first = fma(-n, 0x1.921fb54442d18p0, z.high);  // exact: the operands agree in their leading bits
  const Pair<V> sum = two_sum(first, z.low), product = two_product<V>(n, 0x1.1a62633145c07p-54), difference = two_sum(sum.high, -product.high);
  const V low = fma(-n, -0x1.f1976b7ed8fbcp-110, (sum.low + difference.low) - product.low);
  return {two_sum(difference.high, low), fma(-4.0, round(n * 0.25), n)};
}

/// The lanes of a*x that are `far` from 0, each exactly.
template <class V>
__attribute__((noinline)) Turned<V> exactly_turned(V a, V x, typename V::Mask far, Turned<V> otherwise) {
  double angles[4][V::count], is_far[V::count], factors[V::count], arguments[V::count];
  write_lanes(otherwise.rest.high, angles[0]);
  write_lanes(otherwise.rest.low, angles[1]);
  write_lanes(otherwise.quadrant, angles[2]);
  write_lanes(select(far, V(1.0), 0.0), is_far);
  write_lanes(a, factors);
  write_lanes(x, arguments);
  for (int i = 0; i < V::count; ++i) {
    if (is_far[i] == 0 || !(std::fabs(arguments[i]) < std::numeric_limits<double>::infinity())) continue;
    const activation::ReducedAngle reduced = activation::reduced_angle(factors[i], arguments[i]);
    angles[0][i] = reduced.high;
    angles[1][i] = reduced.low;
    angles[2][i] = reduced.quadrant;
  }
  return {{read_lanes<V>(angles[0]), read_lanes<V>(angles[1])}, read_lanes<V>(angles[2])};
}

template <class V>
RECTIFY_INLINE Turned<V> turned(V a, V x) {
  const Pair<V> z = two_product(a, x);
  const auto near = abs(z.high) < 0x1p30;
  const V inside = select(near, z.high, 0.0);
  const Turned<V> quick = quickly_turned<V>({inside, select(near, z.low, 0.0)});
  if (all(near)) [[likely]] return quick;
  return exactly_turned(a, x, !near, quick);
}

/// sin(r) = r + r^3 P(r^2) and cos(r) = 1 - r^2/2 + r^4 P(r^2) for |r| <= pi/4, P of r^2. Errors 2^-56 and 2^-58 of the results.
template <class V>
RECTIFY_INLINE V sine_polynomial(V square) {
  constexpr double c[] = {-0x1.5555555555555p-3,  0x1.111111111101fp-7, -0x1.a01a019fe8decp-13, 0x1.71de3a10d8acdp-19,
                          -0x1.ae63f901c27d6p-26, 0x1.60e688531eb36p-33, -0x1.8db7ffbf69c4dp-41};
  return polynomial(square, c);
}

template <class V>
RECTIFY_INLINE V cosine_polynomial(V square) {
  constexpr double c[] = {0x1.5555555555555p-5,  -0x1.6c16c16c16a34p-10, 0x1.a01a019fb852fp-16, -0x1.27e4faefdabf1p-22,
                          0x1.1eecd782f50e5p-29, -0x1.92a8707a20c7fp-37, 0x1.35b95c85084d2p-45};
  return polynomial(square, c);
}

/// The sine of r less r.high.
template <class V>
RECTIFY_INLINE V sine_excess(Pair<V> r) {
  const V square = r.high * r.high;
  return r.high * square * sine_polynomial(square) + fma(-0.5 * square, r.low, r.low);
}

/// 1 - cos(r). Relative error 2^-55, also where it is small.
template <class V>
RECTIFY_INLINE Pair<V> versine_of_reduced(Pair<V> r) {
  const V square = r.high * r.high;
  return normalised(0.5 * square, fma(r.high, r.low, 0.5 * fma(r.high, r.high, -square)) - square * square * cosine_polynomial(square));
}

/// sin(z), cos(z), and 1 - cos(z) and 1 + sin(z) without their cancellation. Relative errors 2^-50 (precise: 2^-53), beside the zeros too.
template <class V>
struct Wave {
  Precise<V> sine, cosine, versine, raised_sine;
};

/// For z = a*x of any size. Where x is infinite the result is some number.
template <class V>
RECTIFY_INLINE Wave<V> wave(V a, V x) {
  using P = Precise<V>;
  const auto [r, quadrant] = turned(a, x);
  const Pair<V> s_pair = normalised(r.high, sine_excess(r)), v_pair = versine_of_reduced(r);
  const P s = as_precise(s_pair), v = as_precise(v_pair), c = 1.0 - v;
  const V side = abs(quadrant);
  const auto opposite = side == 2.0, left = side == 1.0, up = quadrant == 1.0;
  const auto sine_falls = opposite | (quadrant == -1.0), cosine_falls = opposite | up;
  const P sine = select(left, c, s), cosine = select(left, s, c);
  const P turned_sine = select(sine_falls, -sine, sine), turned_cosine = select(cosine_falls, -cosine, cosine);
  return {turned_sine, turned_cosine, select(side == 0.0, v, 1.0 - turned_cosine), select(quadrant == -1.0, v, 1.0 + turned_sine)};
}

template <class T>
RECTIFY_INLINE Wave<Jet<T>> wave(Jet<T> a, Jet<T> x) {
  const auto [sine, cosine, versine, raised_sine] = wave(a.v, x.v);
  const T s = rounded(sine), c = rounded(cosine), d = (a * x).d;
  return {{s, c * d}, {c, -s * d}, {rounded(versine), s * d}, {rounded(raised_sine), c * d}};
}
