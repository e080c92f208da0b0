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

/// One vector of float64 lanes, stored as it is: float64 results, and derivatives by parameters.
template <class F, class Which>
struct WideStep {
  static constexpr int64_t count = lane_count;
  template <class T, class V, class... P>
  static RECTIFY_INLINE void run(const T* x, const T* g, T* y, bool, LazyLimits& limits, const V* direction, P... p) {
    const V input = load(x);
    V result = mended(input, Which::template apply<F>(input, direction, p...), limits);
    if (g != nullptr) result = with_factor(result, load(g));
    store(result, y);
  }
};

/// How a float64 result becomes a T: the bits that are dropped, and the smallest number that keeps all the others.
template <class T>
struct Storage;
template <>
struct Storage<float> {
  static constexpr int dropped = 29;
  static constexpr double smallest_normal = 0x1p-126;
};

/// One vector whose rounding is in doubt, element by element: the limits for infinite x, the exact evaluation where two roundings are possible.
template <class T>
HWY_NOINLINE void settle(LazyLimits& limits, const double* x, const double* g, const double* product, const double* margin, T* y) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto stored = [](double value) { return static_cast<T>(value == value ? value : std::numeric_limits<double>::quiet_NaN()); };
  for (int64_t i = 0; i < lane_count; ++i) {
    if (!(std::fabs(x[i]) < infinity)) {
      find_limits(limits);
      y[i] = stored((x[i] > 0 ? limits.plus : x[i] < 0 ? limits.minus : x[i]) * g[i]);
    } else if (!(std::fabs(g[i]) < infinity) || static_cast<T>(product[i] - margin[i]) == static_cast<T>(product[i] + margin[i])) {
      y[i] = stored(product[i]);
    } else {
      y[i] = activation::round_exactly<T>(activation::product(activation::evaluate_exactly(limits.call.function, x[i], limits.call.derivative), g[i]));
    }
  }
}

/// Which definitions state an error bound of their own.
template <class F, class Which, class V, class... P>
concept HasOwnError = (std::is_same_v<Which, ValueOf> && requires(V v, P... p) { F::value_error(v, v, p...); }) ||
                      (std::is_same_v<Which, SlopeOf> && requires(V v, P... p) { F::slope_error(v, v, p...); }) ||
                      (std::is_same_v<Which, CurvatureOf> && requires(V v, P... p) { F::curvature_error(v, v, p...); });

/// One vector by the definition's general formula: the product g f(x) is stored if its rounding is certain, otherwise settled.
template <class F, class Which, class T, class V, class... P>
RECTIFY_INLINE void general_step(V x, V g, T* y, LazyLimits& limits, P... p) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const V result = Which::template apply<F>(x, static_cast<const V*>(nullptr), p...), product = result * g;
  const auto margin = [&] {
    // A product that is exact adds nothing: what the definition knows to be exact stays so, ties of float32 among it.
    const V product_error = select(fma(result, g, -product) == 0.0, 0.0, abs(product) * 0x1p-52);
    return fma(Which::template error<F>(x, result, p...), abs(g), product_error);
  };
  uint32_t doubt;
  if constexpr (HasOwnError<F, Which, V, P...>) {
    const V m = margin();
    doubt = !all((abs(x) < infinity) & (through_storage<T>(product - m) == through_storage<T>(product + m)));
  } else {
    const V size = abs(product);
    doubt = near_tie<Storage<T>::dropped, 11>(product) |  // 2^-42 and a little more
            static_cast<uint32_t>(!all((abs(x) < infinity) & (((size >= Storage<T>::smallest_normal) & (size < infinity)) | (product == 0.0))));
  }
  if (doubt == 0) [[likely]] return store(product, y);
  double xs[lane_count], gs[lane_count], products[lane_count], margins[lane_count];
  store_wide(x, xs);
  store_wide(g, gs);
  store_wide(product, products);
  store_wide(margin(), margins);
  settle(limits, xs, gs, products, margins, y);
}

/// `count` elements, a multiple of the lanes, by the general formula.
template <class F, class Which, class T, class V, class... P>
HWY_NOINLINE void general_steps(const T* x, const T* g, T* y, int64_t count, LazyLimits& limits, P... p) {
  for (int64_t i = 0; i < count; i += lane_count) general_step<F, Which>(load(x + i), g != nullptr ? load(g + i) : V(1.0), y + i, limits, p...);
}

/// Several vectors side by side by the ordinary formula; by the general one if an argument is not ordinary or a rounding in doubt.
template <class F, class Which, class T, class Several, class V, class... P>
RECTIFY_INLINE void ordinary_step(const T* x, const T* g, T* y, bool past_the_cache, const UsualRange& range, const UsualRange& factor_range, LazyLimits& limits, P... p) {
  constexpr int64_t count = static_cast<int64_t>(Several::count) * lane_count;
  Several result = Which::template ordinary<F>(Several::load_from(x), Several(p)...);
  uint32_t doubt = 0;
  for (int64_t i = 0; i < count; i += 2 * lane_count) doubt |= strange(x + i, range);
  if (g != nullptr) {
    result = result * Several::load_from(g);
    for (int64_t i = 0; i < count; i += 2 * lane_count) doubt |= strange(g + i, factor_range);
  }
  doubt |= near_tie<Storage<T>::dropped, 53 - Which::template ordinary_bits<F>>(result);
  if (doubt != 0) [[unlikely]] return general_steps<F, Which, T, V>(x, g, y, count, limits, V(p)...);
  past_the_cache ? result.stream_to(y) : result.store_to(y);
}

/// One vector of storage lanes: for functions that only select, where float32 is as exact as float64.
template <class F, class Which, class T>
struct StorageStep {
  static constexpr int64_t count = storage_lane_count<T>;
  template <class V, class... P>
  static RECTIFY_INLINE void run(const T* x, const T* g, T* y, bool past_the_cache, LazyLimits& limits, const V* direction, P... p) {
    const V input = V::load(x);
    V result = mended(input, Which::template apply<F>(input, direction, p...), limits);
    if (g != nullptr) result = with_factor(result, V::load(g));
    past_the_cache ? result.stream(y) : result.store(y);
  }
};

/// How many elements come before the first that stands at a multiple of `count` elements in memory, at most n.
template <class T>
int64_t before_alignment(const T* y, int64_t count, int64_t n) {
  const int64_t place = static_cast<int64_t>(reinterpret_cast<uintptr_t>(y) / sizeof(T)) % count;
  return std::min(n, (count - place) % count);
}

/// All elements. What does not fill a vector goes through the same code by way of a buffer.
template <class Step, class T, class V, class... P>
__attribute__((flatten)) HWY_NOINLINE void over_memory(const PointwiseCall& call, const V* direction, P... p) {
  const T* x = static_cast<const T*>(call.x);
  const T* g = static_cast<const T*>(call.g);
  T* y = static_cast<T*>(call.y);
  LazyLimits limits{call};
  const auto by_buffer = [&](int64_t i, int64_t n) {
    const size_t bytes = static_cast<size_t>(n) * sizeof(T);
    T x_part[Step::count] = {}, g_part[Step::count] = {}, y_part[Step::count];
    std::memcpy(x_part, x + i, bytes);
    if (g != nullptr) std::memcpy(g_part, g + i, bytes);
    Step::run(x_part, g != nullptr ? g_part : nullptr, y_part, false, limits, direction, p...);
    std::memcpy(y + i, y_part, bytes);
  };
  int64_t i = call.past_the_cache ? before_alignment(y, Step::count, call.n) : 0;
  if (i > 0) by_buffer(0, i);
  for (; i + Step::count <= call.n; i += Step::count) Step::run(x + i, g != nullptr ? g + i : nullptr, y + i, call.past_the_cache, limits, direction, p...);
  if (i < call.n) by_buffer(i, call.n - i);
}

/// Elements [begin, end) by the general formula, the last vector by way of a buffer.
template <class F, class Which, class T, class V, class... P>
__attribute__((flatten)) HWY_NOINLINE void general_over_memory(const PointwiseCall& call, int64_t begin, int64_t end, LazyLimits& limits, P... p) {
  const T* x = static_cast<const T*>(call.x);
  const T* g = static_cast<const T*>(call.g);
  T* y = static_cast<T*>(call.y);
  int64_t i = begin;
  if (g == nullptr) {
    for (; i + lane_count <= end; i += lane_count) general_step<F, Which>(load(x + i), V(1.0), y + i, limits, p...);
  } else {
    for (; i + lane_count <= end; i += lane_count) general_step<F, Which>(load(x + i), load(g + i), y + i, limits, p...);
  }
  if (i < end) {
    const size_t rest = static_cast<size_t>(end - i) * sizeof(T);
    T x_rest[lane_count] = {}, g_rest[lane_count] = {}, y_rest[lane_count];
    std::memcpy(x_rest, x + i, rest);
    if (g != nullptr) std::memcpy(g_rest, g + i, rest);
    general_step<F, Which>(load(x_rest), g != nullptr ? load(g_rest) : V(1.0), y_rest, limits, p...);
    std::memcpy(y + i, y_rest, rest);
  }
}

/// All elements, as many as fill several vectors by the ordinary formula.
template <class F, class Which, class T, class V, bool divides, class... P>
__attribute__((flatten)) HWY_NOINLINE void ordinary_over_memory(const PointwiseCall& call, double largest, P... p) {
  // More than four pay where a formula has so few constants that there are registers for them, which the definition says.
  constexpr size_t vectors = divides && HWY_TARGET <= HWY_AVX3 ? Which::template at_once<F> : 4;
  using Several = SideBySide<V, vectors, divides>;
  constexpr int64_t count = static_cast<int64_t>(Several::count) * lane_count;
  const T* x = static_cast<const T*>(call.x);
  const T* g = static_cast<const T*>(call.g);
  T* y = static_cast<T*>(call.y);
  LazyLimits limits{call};
  const UsualRange range(static_cast<float>(largest)), factor_range(0x1p60f);
  int64_t begin = 0;
  if (call.past_the_cache) {
    begin = before_alignment(y, lane_count, call.n);
    general_over_memory<F, Which, T, V>(call, 0, begin, limits, V(p)...);
  }
  int64_t i = begin;
  if (g != nullptr) {
    for (; i + count <= call.n; i += count) ordinary_step<F, Which, T, Several, V>(x + i, g + i, y + i, call.past_the_cache, range, factor_range, limits, p...);
  } else {
    for (; i + count <= call.n; i += count) ordinary_step<F, Which, T, Several, V>(x + i, static_cast<const T*>(nullptr), y + i, call.past_the_cache, range, factor_range, limits, p...);
  }
  general_over_memory<F, Which, T, V>(call, i, call.n, limits, V(p)...);
}

/// Storage lanes for functions that pass x where x > 0 and multiply it by a number `leak` elsewhere: the product v*leak, v being x or the factor g of
/// the backward pass. Two fused multiply-adds with the low part of leak a little too small and a little too large enclose it, and mostly agree.
template <class F, class Which, class V, class... P>
HWY_NOINLINE __attribute__((flatten)) void leaking_over_memory(const PointwiseCall& call, double leak, P... p) {
  using S = StorageLanes<float>;
  constexpr int64_t lanes = storage_lane_count<float>, count = 4 * lanes;
  const float* x = static_cast<const float*>(call.x);
  const float* g = static_cast<const float*>(call.g);
  float* y = static_cast<float*>(call.y);
  LazyLimits limits{call};
  // high is rounded towards 0, so that low has leak's sign and a product that is 0 keeps its own.
  const float nearest = static_cast<float>(leak), high = std::fabs(static_cast<double>(nearest)) > std::fabs(leak) ? std::nextafter(nearest, 0.0f) : nearest;
  const float low = static_cast<float>(leak - static_cast<double>(high));
  const S a(static_cast<double>(low) * (1 - 0x1p-22)), b(static_cast<double>(low) * (1 + 0x1p-22));
  const UsualRange range(std::numeric_limits<float>::max());
  int64_t i = call.past_the_cache ? before_alignment(y, lanes, call.n) : 0;
  general_over_memory<F, Which, float, V>(call, 0, i, limits, V(p)...);
  for (; i + count <= call.n; i += count) {
    const float* factor = g != nullptr ? g + i : x + i;
    uint32_t doubt = 0;
    for (int64_t j = 0; j < count; j += 2 * lane_count) doubt |= strange(factor + j, range);
    S result[4];
    for (int64_t j = 0; j < 4; ++j) {
      const S input = S::load(x + i + j * lanes), v = S::load(factor + j * lanes), under = fma(v, S(high), v * a);
      doubt |= any_set(!(under == fma(v, S(high), v * b)));
      if (g != nullptr) doubt |= any_set(!(input == input));
      result[j] = select(input > S(0.0), v, under);
    }
    if (doubt != 0) [[unlikely]] {
      general_steps<F, Which, float, V>(x + i, g != nullptr ? g + i : nullptr, y + i, count, limits, V(p)...);
    } else {
      for (int64_t j = 0; j < 4; ++j) call.past_the_cache ? result[j].stream(y + i + j * lanes) : result[j].store(y + i + j * lanes);
    }
  }
  general_over_memory<F, Which, float, V>(call, i, call.n, limits, V(p)...);
}

template <class F, class... P>
concept Leaks = requires(P... p) { F::leak(p...); };

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
  if constexpr (V::narrow && Leaks<F, decltype(p[i])...> && (std::is_same_v<Which, ValueOf> || std::is_same_v<Which, SlopeOf>)) {
    const double leak = F::leak(p[i]...);
    const bool is_product = std::is_same_v<Which, ValueOf> ? call.g == nullptr : call.g != nullptr;
    if (is_product && activation::ordinary_size(1, leak) > 0) return leaking_over_memory<F, Which, V>(call, leak, p[i]...);
  }
  if constexpr (V::narrow && Which::certified) {
    if constexpr (Which::template has_ordinary<F, V, decltype(V(p[i]))...>) {
      const double largest = F::ordinary(p[i]...);
      if (largest > 0 && call.quick_division) return ordinary_over_memory<F, Which, T, V, true>(call, largest, p[i]...);
      if (largest > 0) return ordinary_over_memory<F, Which, T, V, false>(call, largest, p[i]...);
    }
    LazyLimits limits{call};
    return general_over_memory<F, Which, T, V>(call, 0, call.n, limits, V(p[i])...);
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
