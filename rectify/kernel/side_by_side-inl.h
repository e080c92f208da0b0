// Two vectors side by side with the interface of one: a formula is a long chain of dependent operations, and the processor finds enough independent
// ones only if several chains run through it in step. Lane by lane it is the same arithmetic, hence the same bits.
// `divides` says that this processor's division of float64 runs beside its multiplications and keeps up with them.
// Textual: included after lanes.h. No include guard.
template <class V, bool divides>
struct Twice {
  static constexpr bool quick_division = divides;
  static constexpr bool narrow = V::narrow, precise = V::precise, twofold = V::twofold;
  V left, right;

  struct Mask {
    typename V::Mask left, right;
    friend RECTIFY_INLINE Mask operator&(Mask a, Mask b) { return {a.left & b.left, a.right & b.right}; }
    friend RECTIFY_INLINE Mask operator|(Mask a, Mask b) { return {a.left | b.left, a.right | b.right}; }
    friend RECTIFY_INLINE Mask operator!(Mask a) { return {!a.left, !a.right}; }
    friend RECTIFY_INLINE bool any(Mask a) { return any(a.left | a.right); }
    friend RECTIFY_INLINE bool all(Mask a) { return all(a.left & a.right); }
  };

  Twice() = default;
  RECTIFY_INLINE Twice(double value) : left(value), right(value) {}
  RECTIFY_INLINE Twice(V l, V r) : left(l), right(r) {}

  friend RECTIFY_INLINE Twice operator+(Twice a, Twice b) { return {a.left + b.left, a.right + b.right}; }
  friend RECTIFY_INLINE Twice operator-(Twice a, Twice b) { return {a.left - b.left, a.right - b.right}; }
  friend RECTIFY_INLINE Twice operator*(Twice a, Twice b) { return {a.left * b.left, a.right * b.right}; }
  friend RECTIFY_INLINE Twice operator/(Twice a, Twice b) { return {a.left / b.left, a.right / b.right}; }
  friend RECTIFY_INLINE Twice operator-(Twice a) { return {-a.left, -a.right}; }
  friend RECTIFY_INLINE Mask operator<(Twice a, Twice b) { return {a.left < b.left, a.right < b.right}; }
  friend RECTIFY_INLINE Mask operator<=(Twice a, Twice b) { return {a.left <= b.left, a.right <= b.right}; }
  friend RECTIFY_INLINE Mask operator>(Twice a, Twice b) { return {a.left > b.left, a.right > b.right}; }
  friend RECTIFY_INLINE Mask operator>=(Twice a, Twice b) { return {a.left >= b.left, a.right >= b.right}; }
  friend RECTIFY_INLINE Mask operator==(Twice a, Twice b) { return {a.left == b.left, a.right == b.right}; }

  friend RECTIFY_INLINE Twice select(Mask mask, Twice a, Twice b) { return {select(mask.left, a.left, b.left), select(mask.right, a.right, b.right)}; }
  friend RECTIFY_INLINE Twice fma(Twice a, Twice b, Twice c) { return {fma(a.left, b.left, c.left), fma(a.right, b.right, c.right)}; }
  friend RECTIFY_INLINE Twice subtract_product(Twice c, Twice a, Twice b) {
    return {subtract_product(c.left, a.left, b.left), subtract_product(c.right, a.right, b.right)};
  }
  friend RECTIFY_INLINE Twice abs(Twice a) { return {abs(a.left), abs(a.right)}; }
  friend RECTIFY_INLINE Twice min(Twice a, Twice b) { return {min(a.left, b.left), min(a.right, b.right)}; }
  friend RECTIFY_INLINE Twice max(Twice a, Twice b) { return {max(a.left, b.left), max(a.right, b.right)}; }
  friend RECTIFY_INLINE Twice copysign(Twice a, Twice b) { return {copysign(a.left, b.left), copysign(a.right, b.right)}; }

  friend RECTIFY_INLINE Twice round(Twice a) { return {round(a.left), round(a.right)}; }
  friend RECTIFY_INLINE Twice power_of_two(Twice a) { return {power_of_two(a.left), power_of_two(a.right)}; }
  friend RECTIFY_INLINE Twice sixteenths(Twice a) { return {sixteenths(a.left), sixteenths(a.right)}; }
  friend RECTIFY_INLINE Twice pick(const double* table, Twice a) { return {pick(table, a.left), pick(table, a.right)}; }
  friend RECTIFY_INLINE Twice rough_reciprocal(Twice a) { return {rough_reciprocal(a.left), rough_reciprocal(a.right)}; }
  friend RECTIFY_INLINE Twice exponent(Twice a) { return {exponent(a.left), exponent(a.right)}; }
  friend RECTIFY_INLINE Twice mantissa(Twice a) { return {mantissa(a.left), mantissa(a.right)}; }
  friend RECTIFY_INLINE Twice to_odd(Twice a, Twice b) { return {to_odd(a.left, b.left), to_odd(a.right, b.right)}; }
};

// Loads and stores of what stands side by side. `width` is the number of lanes.
template <class V>
inline constexpr int64_t width = lane_count;
template <class V, bool divides>
inline constexpr int64_t width<Twice<V, divides>> = 2 * width<V>;

template <class V>
struct Memory {
  template <class T>
  static RECTIFY_INLINE V load_from(const T* p) {
    return load(p);
  }
  template <class T>
  static RECTIFY_INLINE void store_to(V v, T* p) {
    store(v, p);
  }
  template <class T>
  static RECTIFY_INLINE void stream_to(V v, T* p) {
    stream(v, p);
  }
};

template <class V, bool divides>
struct Memory<Twice<V, divides>> {
  template <class T>
  static RECTIFY_INLINE Twice<V, divides> load_from(const T* p) {
    return {Memory<V>::load_from(p), Memory<V>::load_from(p + width<V>)};
  }
  template <class T>
  static RECTIFY_INLINE void store_to(Twice<V, divides> v, T* p) {
    Memory<V>::store_to(v.left, p);
    Memory<V>::store_to(v.right, p + width<V>);
  }
  template <class T>
  static RECTIFY_INLINE void stream_to(Twice<V, divides> v, T* p) {
    Memory<V>::stream_to(v.left, p);
    Memory<V>::stream_to(v.right, p + width<V>);
  }
};

template <int dropped, int window, class V, bool divides>
RECTIFY_INLINE uint32_t near_tie(Twice<V, divides> v) {
#if HWY_TARGET <= HWY_AVX3
  if constexpr (std::is_same_v<V, Lanes<true>> && dropped <= 32) {
    // The dropped bits are in the low halves of the numbers: those of both vectors fit one.
    constexpr uint32_t last = (uint64_t{1} << dropped) - 1, close = (uint32_t{2} << window) - 1, half = (uint32_t{1} << (dropped - 1)) + (uint32_t{1} << window);
    const __m512i low = _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castpd_ps(v.left.raw.raw), _mm512_castpd_ps(v.right.raw.raw), 0x88));
    return _mm512_testn_epi32_mask(_mm512_add_epi32(low, _mm512_set1_epi32(static_cast<int>(half))), _mm512_set1_epi32(static_cast<int>(last & ~close)));
  }
#endif
  return static_cast<uint32_t>(near_tie<dropped, window>(v.left)) | static_cast<uint32_t>(near_tie<dropped, window>(v.right));
}
