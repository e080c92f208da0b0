// Several vectors side by side with the interface of one: a formula is a long chain of dependent operations, and the processor finds enough independent
// ones only if several chains run through it in step. Vector by vector it is the same arithmetic, hence the same bits.
// `divides` says that this processor's division of float64 runs beside its multiplications and keeps up with them.
// Textual: included after lanes.h. No include guard.

template <class R, class F, size_t... i>
RECTIFY_INLINE R each_of(std::index_sequence<i...>, F f) {
  return {{f(i)...}};
}

/// R{f(0), f(1), ...}
template <class R, size_t count, class F>
RECTIFY_INLINE R each(F f) {
  return each_of<R>(std::make_index_sequence<count>(), f);
}

template <class V, size_t n, bool divides>
struct SideBySide {
  static_assert(n % 2 == 0);
  static constexpr size_t count = n;
  static constexpr bool quick_division = divides;
  static constexpr bool narrow = V::narrow, precise = V::precise, twofold = V::twofold;
  using S = SideBySide;
  std::array<V, n> v;

  struct Mask {
    std::array<typename V::Mask, n> v;
    friend RECTIFY_INLINE Mask operator&(const Mask& a, const Mask& b) { return each<Mask, n>([&](size_t i) HWY_ATTR { return a.v[i] & b.v[i]; }); }
    friend RECTIFY_INLINE Mask operator|(const Mask& a, const Mask& b) { return each<Mask, n>([&](size_t i) HWY_ATTR { return a.v[i] | b.v[i]; }); }
    friend RECTIFY_INLINE Mask operator!(const Mask& a) { return each<Mask, n>([&](size_t i) HWY_ATTR { return !a.v[i]; }); }
    friend RECTIFY_INLINE bool any(const Mask& a) {
      typename V::Mask result = a.v[0];
      for (size_t i = 1; i < n; ++i) result = result | a.v[i];
      return any(result);
    }
  };

  SideBySide() = default;
  RECTIFY_INLINE SideBySide(const std::array<V, n>& vectors) : v(vectors) {}
  RECTIFY_INLINE SideBySide(double value) { v.fill(V(value)); }
  RECTIFY_INLINE SideBySide(V value) { v.fill(value); }

// One operation, vector by vector.
#define RECTIFY_EACH(result, expression) return each<result, n>([&](size_t i) HWY_ATTR { return expression; })
  friend RECTIFY_INLINE S operator+(const S& a, const S& b) { RECTIFY_EACH(S, a.v[i] + b.v[i]); }
  friend RECTIFY_INLINE S operator-(const S& a, const S& b) { RECTIFY_EACH(S, a.v[i] - b.v[i]); }
  friend RECTIFY_INLINE S operator*(const S& a, const S& b) { RECTIFY_EACH(S, a.v[i] * b.v[i]); }
  friend RECTIFY_INLINE S operator/(const S& a, const S& b) { RECTIFY_EACH(S, a.v[i] / b.v[i]); }
  friend RECTIFY_INLINE S operator-(const S& a) { RECTIFY_EACH(S, -a.v[i]); }
  friend RECTIFY_INLINE Mask operator<(const S& a, const S& b) { RECTIFY_EACH(Mask, a.v[i] < b.v[i]); }
  friend RECTIFY_INLINE Mask operator<=(const S& a, const S& b) { RECTIFY_EACH(Mask, a.v[i] <= b.v[i]); }
  friend RECTIFY_INLINE Mask operator>(const S& a, const S& b) { RECTIFY_EACH(Mask, a.v[i] > b.v[i]); }
  friend RECTIFY_INLINE Mask operator>=(const S& a, const S& b) { RECTIFY_EACH(Mask, a.v[i] >= b.v[i]); }
  friend RECTIFY_INLINE Mask operator==(const S& a, const S& b) { RECTIFY_EACH(Mask, a.v[i] == b.v[i]); }
  friend RECTIFY_INLINE S select(const Mask& mask, const S& a, const S& b) { RECTIFY_EACH(S, select(mask.v[i], a.v[i], b.v[i])); }
  friend RECTIFY_INLINE S fma(const S& a, const S& b, const S& c) { RECTIFY_EACH(S, fma(a.v[i], b.v[i], c.v[i])); }
  friend RECTIFY_INLINE S subtract_product(const S& c, const S& a, const S& b) { RECTIFY_EACH(S, subtract_product(c.v[i], a.v[i], b.v[i])); }
  friend RECTIFY_INLINE S abs(const S& a) { RECTIFY_EACH(S, abs(a.v[i])); }
  friend RECTIFY_INLINE S min(const S& a, const S& b) { RECTIFY_EACH(S, min(a.v[i], b.v[i])); }
  friend RECTIFY_INLINE S max(const S& a, const S& b) { RECTIFY_EACH(S, max(a.v[i], b.v[i])); }
  friend RECTIFY_INLINE S copysign(const S& a, const S& b) { RECTIFY_EACH(S, copysign(a.v[i], b.v[i])); }
  friend RECTIFY_INLINE S sixteenths(const S& a) { RECTIFY_EACH(S, sixteenths(a.v[i])); }
  friend RECTIFY_INLINE S pick(const double* table, const S& a) { RECTIFY_EACH(S, pick(table, a.v[i])); }
  friend RECTIFY_INLINE S rough_reciprocal(const S& a) { RECTIFY_EACH(S, rough_reciprocal(a.v[i])); }
#undef RECTIFY_EACH

  template <class T>
  static RECTIFY_INLINE S load_from(const T* p) {
    return each<S, n>([&](size_t i) HWY_ATTR { return load(p + static_cast<int64_t>(i) * lane_count); });
  }
  template <class T>
  RECTIFY_INLINE void store_to(T* p) const {
    for (size_t i = 0; i < n; ++i) store(v[i], p + static_cast<int64_t>(i) * lane_count);
  }
  template <class T>
  RECTIFY_INLINE void stream_to(T* p) const {
    for (size_t i = 0; i < n; ++i) stream(v[i], p + static_cast<int64_t>(i) * lane_count);
  }
};

/// near_tie of all lanes, not 0 if there is one.
template <int dropped, int window, class V, size_t n, bool divides>
RECTIFY_INLINE uint32_t near_tie(const SideBySide<V, n, divides>& s) {
  uint32_t doubt = 0;
  for (size_t i = 0; i < n; i += 2) {
#if HWY_TARGET <= HWY_AVX3
    static_assert(dropped <= 32);
    // The dropped bits are in the low halves of the numbers: those of two vectors fit one.
    constexpr uint32_t last = (uint64_t{1} << dropped) - 1, close = (uint32_t{2} << window) - 1, half = (uint32_t{1} << (dropped - 1)) + (uint32_t{1} << window);
    const __m512i low = _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castpd_ps(s.v[i].raw.raw), _mm512_castpd_ps(s.v[i + 1].raw.raw), 0x88));
    doubt |= _mm512_testn_epi32_mask(_mm512_add_epi32(low, _mm512_set1_epi32(static_cast<int>(half))), _mm512_set1_epi32(static_cast<int>(last & ~close)));
#else
    doubt |= static_cast<uint32_t>(near_tie<dropped, window>(s.v[i])) | static_cast<uint32_t>(near_tie<dropped, window>(s.v[i + 1]));
#endif
  }
  return doubt;
}
