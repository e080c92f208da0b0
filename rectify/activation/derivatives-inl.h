// Which derivative of an activation is computed, and how: the definition's own slope and curvature where it has them, jets of its value otherwise.
// Textual: included inside a namespace after jet.h. No include guard.

template <class F, class V, class... P>
concept HasSlope = requires(V x, P... p) { F::slope(x, p...); };
template <class F, class V, class... P>
concept HasCurvature = requires(V x, P... p) { F::curvature(x, p...); };

template <class F, class V, class... P>
concept HasOrdinaryValue = requires(V x, P... p) { F::ordinary_value(x, p...); };
template <class F, class V, class... P>
concept HasOrdinarySlope = requires(V x, P... p) { F::ordinary_slope(x, p...); };

/// An ordinary formula's relative error is below 2^-40, or 2^-ordinary_slope_bits where the definition says so.
inline constexpr int usual_ordinary_bits = 40;

/// What a result computed in narrow lanes may differ from the true one, unless the definition says more.
template <class V>
RECTIFY_INLINE V usual_error(V y) {
  return abs(y) * 0x1p-42;
}

/// Each takes x, the parameters, and as `direction` 1 for the parameter that is differentiated by and 0 for the others.
struct ValueOf {
  static constexpr bool certified = true;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V*, P... p) {
    return F::value(x, p...);
  }
  /// A bound of |y - f(x)| in narrow lanes.
  template <class F, class V, class... P>
  static RECTIFY_INLINE V error(V x, V y, P... p) {
    if constexpr (requires { F::value_error(x, y, p...); }) return F::value_error(x, y, p...);
    return usual_error(y);
  }
  template <class F, class V, class... P>
  static constexpr bool has_ordinary = HasOrdinaryValue<F, V, P...>;
  template <class F>
  static constexpr int ordinary_bits = usual_ordinary_bits;
  /// How many vectors the ordinary formula takes side by side.
  template <class F>
  static constexpr size_t at_once = [] {
    if constexpr (requires { F::values_at_once; }) return F::values_at_once;
    return size_t{4};
  }();
  template <class F, class V, class... P>
  static RECTIFY_INLINE V ordinary(V x, P... p) {
    return F::ordinary_value(x, p...);
  }
};

struct SlopeByJet {
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V*, P... p) {
    return F::value(Jet<V>{x, V(1.0)}, constant(p)...).d;
  }
};

struct CurvatureByJet {
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V*, P... p) {
    using J = Jet<V>;
    return F::value(Jet<J>{J{x, V(1.0)}, J{V(1.0), V(0.0)}}, constant(constant(p))...).d.d;
  }
};

struct SlopeOf {
  static constexpr bool certified = true;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V error(V x, V y, P... p) {
    if constexpr (requires { F::slope_error(x, y, p...); }) return F::slope_error(x, y, p...);
    return usual_error(y);
  }
  template <class F, class V, class... P>
  static constexpr bool has_ordinary = HasOrdinarySlope<F, V, P...>;
  template <class F>
  static constexpr int ordinary_bits = [] {
    if constexpr (requires { F::ordinary_slope_bits; }) return F::ordinary_slope_bits;
    return usual_ordinary_bits;
  }();
  template <class F>
  static constexpr size_t at_once = [] {
    if constexpr (requires { F::slopes_at_once; }) return F::slopes_at_once;
    return size_t{4};
  }();
  template <class F, class V, class... P>
  static RECTIFY_INLINE V ordinary(V x, P... p) {
    return F::ordinary_slope(x, p...);
  }
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V* direction, P... p) {
    if constexpr (HasSlope<F, V, P...>) {
      return F::slope(x, p...);
    } else {
      return SlopeByJet::apply<F>(x, direction, p...);
    }
  }
};

struct CurvatureOf {
  static constexpr bool certified = true;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V error(V x, V y, P... p) {
    if constexpr (requires { F::curvature_error(x, y, p...); }) return F::curvature_error(x, y, p...);
    return usual_error(y);
  }
  template <class F, class V, class... P>
  static constexpr bool has_ordinary = false;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V* direction, P... p) {
    if constexpr (HasCurvature<F, V, P...>) {
      return F::curvature(x, p...);
    } else {
      return CurvatureByJet::apply<F>(x, direction, p...);
    }
  }
};

struct ByParameter {
  static constexpr bool certified = false;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V* direction, P... p) {
    return over<F>(std::index_sequence_for<P...>{}, x, direction, p...);
  }
  template <class F, size_t... i, class V, class... P>
  static RECTIFY_INLINE V over(std::index_sequence<i...>, V x, const V* direction, P... p) {
    return F::value(constant(x), Jet<V>{p, direction[i]}...).d;
  }
};

struct ByInputAndParameter {
  static constexpr bool certified = false;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V* direction, P... p) {
    return over<F>(std::index_sequence_for<P...>{}, x, direction, p...);
  }
  template <class F, size_t... i, class V, class... P>
  static RECTIFY_INLINE V over(std::index_sequence<i...>, V x, const V* direction, P... p) {
    using J = Jet<V>;
    return F::value(Jet<J>{J{x, V(0.0)}, J{V(1.0), V(0.0)}}, Jet<J>{J{p, direction[i]}, J(0.0)}...).d.d;
  }
};

struct ByParameterTwice {
  static constexpr bool certified = false;
  template <class F, class V, class... P>
  static RECTIFY_INLINE V apply(V x, const V* direction, P... p) {
    return over<F>(std::index_sequence_for<P...>{}, x, direction, p...);
  }
  template <class F, size_t... i, class V, class... P>
  static RECTIFY_INLINE V over(std::index_sequence<i...>, V x, const V* direction, P... p) {
    using J = Jet<V>;
    return F::value(constant(constant(x)), Jet<J>{J{p, direction[i]}, J{direction[i], V(0.0)}}...).d.d;
  }
};
