// One float64 lane with the interface of the vectors in kernel/lanes.h: the scalar target, evaluate() and the elementary functions.
// Textual: included inside a namespace, once per translation unit and target, after <bit>, <cmath> and inline.h. No include guard.
//
// The interface, which blocks.h and functions/*.h rely on:
//   V(double) broadcasts;  + - * / and unary -;  fma(a, b, c) is rounded once;  comparisons give V::Mask with & | ! and any(mask) all(mask)
//   subtract_product(c, a, b): c - a*b, rounded once
//   select(mask, a, b), abs, min, max (not for NaN), copysign(magnitude, sign), sqrt (rounded once)
//   power_of_two(k): 2^k for a whole k in [-1022, 1023];  round(x): to the nearest whole number, ties to even, |x| <= 2^51
//   sixteenths(t): 2^(k/16) for t = k + 1.5*2^52, k whole in [-16352, 16383]
//   pick(table, t): table[k mod 16] for such a t, the table aligned to 64 bytes
//   rough_reciprocal(d): 1/d by way of float32, relative error 2^-22, for 2^-100 <= |d| <= 2^100
//   exponent(x), mantissa(x): x = mantissa * 2^exponent with mantissa in [1, 2), for normal x > 0
//   to_odd(high, low): high + low rounded to odd, so that a second rounding, to float32, rounds the sum; |low| <= ulp(high)/2
//   V::count lanes: write_lanes(v, p) and read_lanes<V>(p) from and to doubles, for what has to be done lane by lane
//   V::narrow: the argument came from a float32 and the result is rounded to float32. Then a result below 2^-1000 may be any number of
//   its sign below 2^-900, and a formula has to keep to the true side of float32's ties. V::precise: see pairs-inl.h. V::twofold: see twofold-inl.h
template <bool is_narrow>
struct Lane {
  static constexpr bool narrow = is_narrow, precise = !is_narrow, twofold = false, quick_division = !is_narrow;
  static constexpr int count = 1;
  double raw;

  struct Mask {
    bool raw;
    friend RECTIFY_INLINE Mask operator&(Mask a, Mask b) { return {a.raw && b.raw}; }
    friend RECTIFY_INLINE Mask operator|(Mask a, Mask b) { return {a.raw || b.raw}; }
    friend RECTIFY_INLINE Mask operator!(Mask a) { return {!a.raw}; }
    friend RECTIFY_INLINE bool any(Mask a) { return a.raw; }
    friend RECTIFY_INLINE bool all(Mask a) { return a.raw; }
  };

  Lane() = default;
  RECTIFY_INLINE Lane(double value) : raw(value) {}

  friend RECTIFY_INLINE Lane operator+(Lane a, Lane b) { return a.raw + b.raw; }
  friend RECTIFY_INLINE Lane operator-(Lane a, Lane b) { return a.raw - b.raw; }
  friend RECTIFY_INLINE Lane operator*(Lane a, Lane b) { return a.raw * b.raw; }
  friend RECTIFY_INLINE Lane operator/(Lane a, Lane b) { return a.raw / b.raw; }
  friend RECTIFY_INLINE Lane operator-(Lane a) { return -a.raw; }
  friend RECTIFY_INLINE Mask operator<(Lane a, Lane b) { return {a.raw < b.raw}; }
  friend RECTIFY_INLINE Mask operator<=(Lane a, Lane b) { return {a.raw <= b.raw}; }
  friend RECTIFY_INLINE Mask operator>(Lane a, Lane b) { return {a.raw > b.raw}; }
  friend RECTIFY_INLINE Mask operator>=(Lane a, Lane b) { return {a.raw >= b.raw}; }
  friend RECTIFY_INLINE Mask operator==(Lane a, Lane b) { return {a.raw == b.raw}; }

  friend RECTIFY_INLINE Lane select(Mask mask, Lane a, Lane b) { return mask.raw ? a : b; }
  friend RECTIFY_INLINE Lane fma(Lane a, Lane b, Lane c) { return std::fma(a.raw, b.raw, c.raw); }
  friend RECTIFY_INLINE Lane subtract_product(Lane c, Lane a, Lane b) { return std::fma(-a.raw, b.raw, c.raw); }
  friend RECTIFY_INLINE Lane abs(Lane a) { return std::fabs(a.raw); }
  friend RECTIFY_INLINE Lane min(Lane a, Lane b) { return a.raw < b.raw ? a : b; }
  friend RECTIFY_INLINE Lane max(Lane a, Lane b) { return a.raw > b.raw ? a : b; }
  friend RECTIFY_INLINE Lane copysign(Lane magnitude, Lane sign) { return std::copysign(magnitude.raw, sign.raw); }
  friend RECTIFY_INLINE Lane sqrt(Lane a) { return std::sqrt(a.raw); }

  friend RECTIFY_INLINE Lane round(Lane a) { return (a.raw + 0x1.8p52) - 0x1.8p52; }
  friend RECTIFY_INLINE Lane power_of_two(Lane k) { return std::bit_cast<double>(std::bit_cast<uint64_t>(k.raw + (0x1.8p52 + 1023)) << 52); }
  friend RECTIFY_INLINE Lane sixteenths(Lane t) {
    const uint64_t bits = std::bit_cast<uint64_t>(t.raw);
    return std::bit_cast<double>(activation::sixteenth_powers[bits & 15] + (bits << 48));
  }
  friend RECTIFY_INLINE Lane pick(const double* table, Lane t) { return table[std::bit_cast<uint64_t>(t.raw) & 15]; }
  friend RECTIFY_INLINE Lane rough_reciprocal(Lane d) { return static_cast<double>(1.0f / static_cast<float>(d.raw)); }
  friend RECTIFY_INLINE Lane exponent(Lane a) {
    return std::bit_cast<double>((std::bit_cast<uint64_t>(a.raw) >> 52) | std::bit_cast<uint64_t>(0x1p52)) - (0x1p52 + 1023);
  }
  friend RECTIFY_INLINE Lane mantissa(Lane a) {
    return std::bit_cast<double>((std::bit_cast<uint64_t>(a.raw) & 0xFFFFFFFFFFFFFull) | std::bit_cast<uint64_t>(1.0));
  }
  friend RECTIFY_INLINE Lane to_odd(Lane high, Lane low) {
    if (low.raw == 0) return high;
    const uint64_t towards_zero = high.raw * low.raw < 0 ? 1 : 0;
    return std::bit_cast<double>((std::bit_cast<uint64_t>(high.raw) - towards_zero) | 1);
  }
};

template <bool is_narrow>
RECTIFY_INLINE void write_lanes(Lane<is_narrow> v, double* p) {
  *p = v.raw;
}

template <class V>
RECTIFY_INLINE V read_lanes(const double* p) {
  return *p;
}
