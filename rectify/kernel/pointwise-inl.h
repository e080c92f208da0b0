// The loop over memory for one activation, one derivative and one target.
// Textual: included inside `namespace HWY_NAMESPACE` after lanes.h, activation/derivatives-inl.h and the definitions. No include guard.

/// The limits at both infinities, computed when the first infinity is met.
struct LazyLimits {
  const PointwiseCall& call;
  double minus = 0, plus = 0;
  bool known = false;
};

HWY_NOINLINE void find_limits(LazyLimits& limits) {
  if (limits.known) return;
  limits.minus = activation::limit(limits.call.function, limits.call.derivative, false);
  limits.plus = activation::limit(limits.call.function, limits.call.derivative, true);
  limits.known = true;
}

/// `result` with the limits where x is infinite and the canonical NaN where it is NaN.
template <class V>
RECTIFY_INLINE V mended(V x, V result, LazyLimits& limits) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (all(abs(x) < infinity)) [[likely]] return result;
  find_limits(limits);
  const V finite_or_nan = select(x == x, result, std::numeric_limits<double>::quiet_NaN());
  return select(x == infinity, limits.plus, select(x == -infinity, limits.minus, finite_or_nan));
}

/// g times the derivative; NaN is canonical whatever made it.
template <class V>
RECTIFY_INLINE V with_factor(V result, V g) {
  const V product = result * g;
  return select(product == product, product, std::numeric_limits<double>::quiet_NaN());
}

/// One vector of float64 lanes.
template <class F, class Which>
struct WideStep {
  static constexpr int64_t count = lane_count;
  template <class T, class V, class... P>
  static RECTIFY_INLINE void run(const T* x, const T* g, T* y, LazyLimits& limits, const V* direction, P... p) {
    const V input = load(x);
    V result = mended(input, Which::template apply<F>(input, direction, p...), limits);
    if (g != nullptr) result = with_factor(result, load(g));
    store(result, y);
  }
};

/// One vector of storage lanes: for functions that only select, where float32 is as exact as float64.
template <class F, class Which, class T>
struct StorageStep {
  static constexpr int64_t count = storage_lane_count<T>;
  template <class V, class... P>
  static RECTIFY_INLINE void run(const T* x, const T* g, T* y, LazyLimits& limits, const V* direction, P... p) {
    const V input = V::load(x);
    V result = mended(input, Which::template apply<F>(input, direction, p...), limits);
    if (g != nullptr) result = with_factor(result, V::load(g));
    result.store(y);
  }
};

/// All elements. The rest that does not fill a vector goes through the same code by way of a buffer.
template <class Step, class T, class V, class... P>
__attribute__((flatten)) HWY_NOINLINE void over_memory(const PointwiseCall& call, const V* direction, P... p) {
  const T* x = static_cast<const T*>(call.x);
  const T* g = static_cast<const T*>(call.g);
  T* y = static_cast<T*>(call.y);
  LazyLimits limits{call};
  int64_t i = 0;
  for (; i + Step::count <= call.n; i += Step::count) Step::run(x + i, g != nullptr ? g + i : nullptr, y + i, limits, direction, p...);
  if (i < call.n) {
    const size_t rest = static_cast<size_t>(call.n - i) * sizeof(T);
    T x_rest[Step::count] = {}, g_rest[Step::count] = {}, y_rest[Step::count];
    std::memcpy(x_rest, x + i, rest);
    if (g != nullptr) std::memcpy(g_rest, g + i, rest);
    Step::run(x_rest, g != nullptr ? g_rest : nullptr, y_rest, limits, direction, p...);
    std::memcpy(y + i, y_rest, rest);
  }
}

template <class F>
concept OnlySelects = requires { requires F::only_selects; };

template <class F, class Which, class T, size_t... i>
void run_derivative(std::index_sequence<i...>, const PointwiseCall& call) {
  using V = Lanes<std::is_same_v<T, float>>;
  [[maybe_unused]] const auto& p = call.function.parameters;
  if constexpr (OnlySelects<F> && (std::is_same_v<Which, ValueOf> || std::is_same_v<Which, SlopeOf>)) {
    const bool representable = (true && ... && (static_cast<double>(static_cast<T>(p[i])) == p[i]));
    using S = StorageLanes<T>;
    if (representable) return over_memory<StorageStep<F, Which, T>, T>(call, static_cast<const S*>(nullptr), S(p[i])...);
  }
  const int which = call.derivative.which;
  const V direction[activation::max_parameters] = {V(which == 0 ? 1.0 : 0.0), V(which == 1 ? 1.0 : 0.0), V(which == 2 ? 1.0 : 0.0), V(which == 3 ? 1.0 : 0.0)};
  over_memory<WideStep<F, Which>, T>(call, static_cast<const V*>(direction), V(p[i])...);
}

template <class F, class T>
void run_activation(const PointwiseCall& call) {
  constexpr auto indices = std::make_index_sequence<static_cast<size_t>(F::spec.parameter_count())>{};
  const activation::Derivative derivative = call.derivative;
  if constexpr (F::spec.parameter_count() > 0) {
    if (derivative.parameter == 2) return run_derivative<F, ByParameterTwice, T>(indices, call);
    if (derivative.parameter == 1 && derivative.x == 1) return run_derivative<F, ByInputAndParameter, T>(indices, call);
    if (derivative.parameter == 1) return run_derivative<F, ByParameter, T>(indices, call);
  }
  if (derivative.x == 0) return run_derivative<F, ValueOf, T>(indices, call);
  if (derivative.x == 1) return run_derivative<F, SlopeOf, T>(indices, call);
  run_derivative<F, CurvatureOf, T>(indices, call);
}

template <class F>
void run(const PointwiseCall& call) {
  call.is_double ? run_activation<F, double>(call) : run_activation<F, float>(call);
}
