// The vector type of each SIMD target, with the interface that activation/lanes_scalar.h describes.
// Textual, for units that are compiled once per target: include it inside `namespace HWY_NAMESPACE`, after hwy/highway.h, <bit>, <cmath> and
// activation/inline.h, where hn is hwy::HWY_NAMESPACE. No include guard. What it gives:
//   Lanes<narrow>        float64 lanes that hold float32 (narrow) or float64 elements
//   lane_count           how many
//   load(p), store(v, p) from and to float or double memory, unaligned; float32 is widened and rounded once
//   any(mask), all(mask), flags(mask)   the last not 0 if a lane is set
//   near_tie<dropped, window>(v)   lanes of a normal number whose last `dropped` bits are within 2^window of a tie
//   strange(v)           not 0 if a lane is NaN, above 2^60 in size, or below 2^-60 but not 0
//   strange(p, usual)    not 0 if one of 2 * lane_count floats at p is NaN, beyond the usual range in size, or below 2^-60 but not 0
//   stream(v, p)         store past the caches, for p aligned to a vector of storage
//   load_wide, store_wide    narrow lanes from and to doubles;  through_storage<T>(v): v rounded to T
//   any_set(mask)        of StorageLanes: not 0 if a lane is set
//   StorageLanes<T>      lanes of T for functions that only select among their input and constants, storage_lane_count<T>
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

// The scalar target does not use Highway's: its MulAdd is not fused and its DemoteTo saturates.
#include "rectify/activation/lanes_scalar.h"

template <bool narrow>
using Lanes = Lane<narrow>;
inline constexpr int64_t lane_count = 1;

RECTIFY_INLINE Lanes<true> load(const float* p) { return static_cast<double>(*p); }
RECTIFY_INLINE Lanes<false> load(const double* p) { return *p; }
RECTIFY_INLINE void store(Lanes<true> v, float* p) { *p = static_cast<float>(v.raw); }
RECTIFY_INLINE void store(Lanes<false> v, double* p) { *p = v.raw; }

RECTIFY_INLINE void stream(Lanes<true> v, float* p) { store(v, p); }
RECTIFY_INLINE Lanes<true> load_wide(const double* p) { return *p; }
RECTIFY_INLINE void store_wide(Lanes<true> v, double* p) { *p = v.raw; }

template <class T>
RECTIFY_INLINE Lanes<true> through_storage(Lanes<true> v) {
  return static_cast<double>(static_cast<T>(v.raw));
}

RECTIFY_INLINE uint32_t flags(Lanes<true>::Mask mask) { return mask.raw ? 1 : 0; }
RECTIFY_INLINE uint32_t strange(Lanes<true> v) {
  const double size = std::fabs(v.raw);
  return size == 0 || (size >= 0x1p-60 && size <= 0x1p60) ? 0 : 1;
}

template <int dropped, int window>
RECTIFY_INLINE bool near_tie(Lanes<true> v) {
  constexpr uint64_t last = (uint64_t{1} << dropped) - 1, close = (uint64_t{2} << window) - 1;
  return ((std::bit_cast<uint64_t>(v.raw) + (uint64_t{1} << (dropped - 1)) + (uint64_t{1} << window)) & last & ~close) == 0;
}

class UsualRange {
 public:
  explicit UsualRange(float largest) : largest_(largest) {}
  bool has(float x) const { return x == 0 || (std::fabs(x) <= largest_ && std::fabs(x) >= 0x1p-60f); }

 private:
  float largest_;
};
RECTIFY_INLINE uint32_t strange(const float* p, const UsualRange& usual) { return usual.has(p[0]) && usual.has(p[1]) ? 0 : 1; }

template <class T>
struct StorageLanes {
  T raw;
  struct Mask {
    bool raw;
    friend RECTIFY_INLINE Mask operator&(Mask a, Mask b) { return {a.raw && b.raw}; }
    friend RECTIFY_INLINE Mask operator!(Mask a) { return {!a.raw}; }
    friend RECTIFY_INLINE bool any(Mask mask) { return mask.raw; }
    friend RECTIFY_INLINE bool all(Mask mask) { return mask.raw; }
    friend RECTIFY_INLINE uint32_t any_set(Mask mask) { return mask.raw ? 1 : 0; }
  };
  StorageLanes() = default;
  RECTIFY_INLINE StorageLanes(double value) : raw(static_cast<T>(value)) {}
  RECTIFY_INLINE static StorageLanes load(const T* p) {
    StorageLanes result;
    result.raw = *p;
    return result;
  }
  RECTIFY_INLINE void store(T* p) const { *p = raw; }
  RECTIFY_INLINE void stream(T* p) const { *p = raw; }
  friend RECTIFY_INLINE StorageLanes operator*(StorageLanes a, StorageLanes b) {
    a.raw *= b.raw;
    return a;
  }
  friend RECTIFY_INLINE Mask operator<(StorageLanes a, StorageLanes b) { return {a.raw < b.raw}; }
  friend RECTIFY_INLINE Mask operator>(StorageLanes a, StorageLanes b) { return {a.raw > b.raw}; }
  friend RECTIFY_INLINE Mask operator==(StorageLanes a, StorageLanes b) { return {a.raw == b.raw}; }
  friend RECTIFY_INLINE StorageLanes select(Mask mask, StorageLanes a, StorageLanes b) { return mask.raw ? a : b; }
  friend RECTIFY_INLINE StorageLanes fma(StorageLanes a, StorageLanes b, StorageLanes c) {
    a.raw = std::fma(a.raw, b.raw, c.raw);
    return a;
  }
  friend RECTIFY_INLINE StorageLanes abs(StorageLanes a) {
    a.raw = std::fabs(a.raw);
    return a;
  }
};
template <class T>
inline constexpr int64_t storage_lane_count = 1;

#else

static_assert(HWY_NATIVE_FMA, "a target without a fused multiply-add gives other bits: leave it out");

template <bool is_narrow>
struct Lanes {
  using Tag = hn::ScalableTag<double>;
  using Bits = hn::RebindToUnsigned<Tag>;
  using Half = hn::Rebind<float, Tag>;
  using Raw = hn::Vec<Tag>;
  static constexpr bool narrow = is_narrow, precise = !is_narrow, twofold = false, quick_division = !is_narrow;
  static constexpr int count = static_cast<int>(hn::MaxLanes(Tag()));
  Raw raw;

  struct Mask {
    hn::Mask<Tag> raw;
    friend RECTIFY_INLINE Mask operator&(Mask a, Mask b) { return {hn::And(a.raw, b.raw)}; }
    friend RECTIFY_INLINE Mask operator|(Mask a, Mask b) { return {hn::Or(a.raw, b.raw)}; }
    friend RECTIFY_INLINE Mask operator!(Mask a) { return {hn::Not(a.raw)}; }
    friend RECTIFY_INLINE bool any(Mask mask) { return !hn::AllFalse(Tag(), mask.raw); }
    friend RECTIFY_INLINE bool all(Mask mask) { return hn::AllTrue(Tag(), mask.raw); }
  };

  Lanes() = default;
  RECTIFY_INLINE Lanes(double value) : raw(hn::Set(Tag(), value)) {}
  RECTIFY_INLINE Lanes(Raw value) : raw(value) {}

  friend RECTIFY_INLINE Lanes operator+(Lanes a, Lanes b) { return hn::Add(a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes operator-(Lanes a, Lanes b) { return hn::Sub(a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes operator*(Lanes a, Lanes b) { return hn::Mul(a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes operator/(Lanes a, Lanes b) { return hn::Div(a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes operator-(Lanes a) { return hn::Neg(a.raw); }
  friend RECTIFY_INLINE Mask operator<(Lanes a, Lanes b) { return {hn::Lt(a.raw, b.raw)}; }
  friend RECTIFY_INLINE Mask operator<=(Lanes a, Lanes b) { return {hn::Le(a.raw, b.raw)}; }
  friend RECTIFY_INLINE Mask operator>(Lanes a, Lanes b) { return {hn::Gt(a.raw, b.raw)}; }
  friend RECTIFY_INLINE Mask operator>=(Lanes a, Lanes b) { return {hn::Ge(a.raw, b.raw)}; }
  friend RECTIFY_INLINE Mask operator==(Lanes a, Lanes b) { return {hn::Eq(a.raw, b.raw)}; }

  friend RECTIFY_INLINE Lanes select(Mask mask, Lanes a, Lanes b) { return hn::IfThenElse(mask.raw, a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return hn::MulAdd(a.raw, b.raw, c.raw); }
  friend RECTIFY_INLINE Lanes subtract_product(Lanes c, Lanes a, Lanes b) { return hn::NegMulAdd(a.raw, b.raw, c.raw); }
  friend RECTIFY_INLINE Lanes abs(Lanes a) { return hn::Abs(a.raw); }
  friend RECTIFY_INLINE Lanes min(Lanes a, Lanes b) { return hn::Min(a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes max(Lanes a, Lanes b) { return hn::Max(a.raw, b.raw); }
  friend RECTIFY_INLINE Lanes copysign(Lanes magnitude, Lanes sign) { return hn::CopySign(magnitude.raw, sign.raw); }
  friend RECTIFY_INLINE Lanes sqrt(Lanes a) { return hn::Sqrt(a.raw); }

  friend RECTIFY_INLINE Lanes round(Lanes a) { return (a + 0x1.8p52) - 0x1.8p52; }
  friend RECTIFY_INLINE Lanes power_of_two(Lanes k) {
    const auto bits = hn::BitCast(Bits(), (k + (0x1.8p52 + 1023)).raw);
    return hn::BitCast(Tag(), hn::ShiftLeft<52>(bits));
  }
  template <class T>
  static RECTIFY_INLINE auto picked(const T* table, Lanes t) {
    const auto bits = hn::BitCast(Bits(), t.raw);
#if HWY_TARGET <= HWY_AVX3
    const __m512i low = _mm512_load_si512(table), high = _mm512_load_si512(table + 8);
    return hn::Vec<Bits>{_mm512_permutex2var_epi64(low, bits.raw, high)};
#else
    const auto index = hn::BitCast(hn::RebindToSigned<Bits>(), hn::And(bits, hn::Set(Bits(), 15)));
    return hn::BitCast(Bits(), hn::GatherIndex(hn::ScalableTag<T>(), table, index));
#endif
  }
  friend RECTIFY_INLINE Lanes sixteenths(Lanes t) {
    return hn::BitCast(Tag(), hn::Add(picked(activation::sixteenth_powers, t), hn::ShiftLeft<48>(hn::BitCast(Bits(), t.raw))));
  }
  friend RECTIFY_INLINE Lanes pick(const double* table, Lanes t) { return hn::BitCast(Tag(), picked(table, t)); }
  friend RECTIFY_INLINE Lanes rough_reciprocal(Lanes d) {
    return hn::PromoteTo(Tag(), hn::Div(hn::Set(Half(), 1.0f), hn::DemoteTo(Half(), d.raw)));
  }
  friend RECTIFY_INLINE Lanes exponent(Lanes a) {
    const auto biased = hn::ShiftRight<52>(hn::BitCast(Bits(), a.raw));
    const Lanes large = hn::BitCast(Tag(), hn::Or(biased, hn::Set(Bits(), 0x4330000000000000ull)));
    return large - (0x1p52 + 1023);
  }
  friend RECTIFY_INLINE Lanes mantissa(Lanes a) {
    const auto bits = hn::And(hn::BitCast(Bits(), a.raw), hn::Set(Bits(), 0xFFFFFFFFFFFFFull));
    return hn::BitCast(Tag(), hn::Or(bits, hn::Set(Bits(), 0x3FF0000000000000ull)));
  }
  friend RECTIFY_INLINE Lanes to_odd(Lanes high, Lanes low) {
    const auto one = hn::Set(Bits(), 1), bits = hn::BitCast(Bits(), high.raw);
    const Lanes nearer(hn::BitCast(Tag(), hn::Or(hn::Sub(bits, one), one))), same(hn::BitCast(Tag(), hn::Or(bits, one)));
    return select(low == 0.0, high, select(high * low < 0.0, nearer, same));
  }
};
inline constexpr int64_t lane_count = hn::MaxLanes(hn::ScalableTag<double>());

template <bool is_narrow>
RECTIFY_INLINE void write_lanes(Lanes<is_narrow> v, double* p) {
  hn::StoreU(v.raw, hn::ScalableTag<double>(), p);
}

template <class V>
RECTIFY_INLINE V read_lanes(const double* p) {
  return hn::LoadU(hn::ScalableTag<double>(), p);
}

RECTIFY_INLINE Lanes<true> load(const float* p) {
  return hn::PromoteTo(Lanes<true>::Tag(), hn::LoadU(Lanes<true>::Half(), p));
}
RECTIFY_INLINE Lanes<false> load(const double* p) { return hn::LoadU(Lanes<false>::Tag(), p); }
RECTIFY_INLINE void store(Lanes<true> v, float* p) {
  hn::StoreU(hn::DemoteTo(Lanes<true>::Half(), v.raw), Lanes<true>::Half(), p);
}
RECTIFY_INLINE void store(Lanes<false> v, double* p) { hn::StoreU(v.raw, Lanes<false>::Tag(), p); }

RECTIFY_INLINE Lanes<true> load_wide(const double* p) { return hn::LoadU(Lanes<true>::Tag(), p); }
RECTIFY_INLINE void store_wide(Lanes<true> v, double* p) { hn::StoreU(v.raw, Lanes<true>::Tag(), p); }

template <class T>
RECTIFY_INLINE Lanes<true> through_storage(Lanes<true> v) {
  return hn::PromoteTo(Lanes<true>::Tag(), hn::DemoteTo(hn::Rebind<T, Lanes<true>::Tag>(), v.raw));
}

RECTIFY_INLINE void stream(Lanes<true> v, float* p) { hn::Stream(hn::DemoteTo(Lanes<true>::Half(), v.raw), Lanes<true>::Half(), p); }

/// A mask as a number: 0 if no lane is set.
template <class D>
RECTIFY_INLINE uint32_t flags(D d, hn::Mask<D> mask) {
#if HWY_TARGET <= HWY_AVX3
  (void)d;
  return static_cast<uint32_t>(mask.raw);
#else
  return hn::AllFalse(d, mask) ? 0 : 1;
#endif
}

RECTIFY_INLINE uint32_t flags(Lanes<true>::Mask mask) { return flags(Lanes<true>::Tag(), mask.raw); }

RECTIFY_INLINE uint32_t strange(Lanes<true> v) {
#if HWY_TARGET <= HWY_AVX3
  // One comparison: without its sign, a number's bits are in the order of its size, and what is too small wraps around.
  constexpr uint64_t smallest = std::bit_cast<uint64_t>(0x1p-60) << 1, range = (std::bit_cast<uint64_t>(0x1p60) << 1) - smallest;
  const __m512i bits = _mm512_castpd_si512(v.raw.raw), size = _mm512_add_epi64(bits, bits);
  const __m512i above = _mm512_sub_epi64(size, _mm512_set1_epi64(static_cast<int64_t>(smallest)));
  return _mm512_mask_cmpgt_epu64_mask(_mm512_test_epi64_mask(size, size), above, _mm512_set1_epi64(static_cast<int64_t>(range)));
#else
  const Lanes<true> size = abs(v);
  return flags(!(((size >= 0x1p-60) & (size <= 0x1p60)) | (v == 0.0)));
#endif
}

template <int dropped, int window>
RECTIFY_INLINE uint32_t near_tie(Lanes<true> v) {
  using Bits = Lanes<true>::Bits;
  constexpr uint64_t last = (uint64_t{1} << dropped) - 1, close = (uint64_t{2} << window) - 1;
  const auto shifted = hn::Add(hn::BitCast(Bits(), v.raw), hn::Set(Bits(), (uint64_t{1} << (dropped - 1)) + (uint64_t{1} << window)));
#if HWY_TARGET <= HWY_AVX3
  return static_cast<uint32_t>(_mm512_testn_epi64_mask(shifted.raw, hn::Set(Bits(), last & ~close).raw));
#else
  return flags(Bits(), hn::Eq(hn::And(shifted, hn::Set(Bits(), last & ~close)), hn::Zero(Bits())));
#endif
}

struct UsualRange {
  using Bits = hn::ScalableTag<uint32_t>;
  static constexpr uint32_t smallest = std::bit_cast<uint32_t>(0x1p-60f) << 1;
  hn::Vec<Bits> range;
  RECTIFY_INLINE explicit UsualRange(float largest) : range(hn::Set(Bits(), (std::bit_cast<uint32_t>(largest) << 1) - smallest)) {}
};
/// One comparison: without its sign, a float's bits are in the order of its size, and what is too small wraps around.
RECTIFY_INLINE uint32_t strange(const float* p, const UsualRange& usual) {
  using Bits = UsualRange::Bits;
  const auto bits = hn::LoadU(Bits(), reinterpret_cast<const uint32_t*>(p)), size = hn::Add(bits, bits);  // a shift has fewer ports
  const auto above = hn::Sub(size, hn::Set(Bits(), UsualRange::smallest));
#if HWY_TARGET <= HWY_AVX3
  return _mm512_mask_cmpgt_epu32_mask(_mm512_test_epi32_mask(size.raw, size.raw), above.raw, usual.range.raw);
#else
  return flags(Bits(), hn::And(hn::Gt(above, usual.range), hn::Ne(size, hn::Zero(Bits()))));
#endif
}

template <class T>
struct StorageLanes {
  using Tag = hn::ScalableTag<T>;
  using Raw = hn::Vec<Tag>;
  Raw raw;
  struct Mask {
    hn::Mask<Tag> raw;
    friend RECTIFY_INLINE Mask operator&(Mask a, Mask b) { return {hn::And(a.raw, b.raw)}; }
    friend RECTIFY_INLINE Mask operator!(Mask a) { return {hn::Not(a.raw)}; }
    friend RECTIFY_INLINE bool any(Mask mask) { return !hn::AllFalse(Tag(), mask.raw); }
    friend RECTIFY_INLINE bool all(Mask mask) { return hn::AllTrue(Tag(), mask.raw); }
    friend RECTIFY_INLINE uint32_t any_set(Mask mask) { return flags(Tag(), mask.raw); }
  };
  StorageLanes() = default;
  RECTIFY_INLINE StorageLanes(double value) : raw(hn::Set(Tag(), static_cast<T>(value))) {}
  RECTIFY_INLINE StorageLanes(Raw value) : raw(value) {}
  RECTIFY_INLINE static StorageLanes load(const T* p) { return hn::LoadU(Tag(), p); }
  RECTIFY_INLINE void store(T* p) const { hn::StoreU(raw, Tag(), p); }
  RECTIFY_INLINE void stream(T* p) const { hn::Stream(raw, Tag(), p); }
  friend RECTIFY_INLINE StorageLanes operator*(StorageLanes a, StorageLanes b) { return hn::Mul(a.raw, b.raw); }
  friend RECTIFY_INLINE Mask operator<(StorageLanes a, StorageLanes b) { return {hn::Lt(a.raw, b.raw)}; }
  friend RECTIFY_INLINE Mask operator>(StorageLanes a, StorageLanes b) { return {hn::Gt(a.raw, b.raw)}; }
  friend RECTIFY_INLINE Mask operator==(StorageLanes a, StorageLanes b) { return {hn::Eq(a.raw, b.raw)}; }
  friend RECTIFY_INLINE StorageLanes select(Mask mask, StorageLanes a, StorageLanes b) {
    return hn::IfThenElse(mask.raw, a.raw, b.raw);
  }
  friend RECTIFY_INLINE StorageLanes fma(StorageLanes a, StorageLanes b, StorageLanes c) { return hn::MulAdd(a.raw, b.raw, c.raw); }
  friend RECTIFY_INLINE StorageLanes abs(StorageLanes a) { return hn::Abs(a.raw); }
};
template <class T>
inline constexpr int64_t storage_lane_count = hn::MaxLanes(hn::ScalableTag<T>());

#endif
