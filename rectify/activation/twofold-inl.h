// The number of the exact path: a sum of two float64 numbers, about 2^-104 relative error an operation, with the interface of the lanes (see lanes_scalar.h).
// Textual: included inside a namespace, after <bit>, <cmath>, <limits> and inline.h. No include guard.
// Sources: Dekker 1971; Joldes, Muller and Popescu 2017, Tight and rigorous error bounds for basic building blocks of double-word arithmetic.
//
// high is the nearest float64 to the sum and |low| <= ulp(high)/2. The two parts need not touch: 1/2 + 2^-151 is a Twofold, and sums, products, quotients and
// roots keep such a small part to its own 53 bits, so that a result beside a tie of float32 stays on its side. What two float64 numbers hold exactly comes out
// exactly where the operands have one part. Below 2^-900 the low part underflows; a result that underflows keeps its sign. Infinity has low = 0.
struct Twofold {
  static constexpr bool narrow = false, precise = false, twofold = true;
  double high, low;

  struct Mask {
    bool raw;
    friend Mask operator&(Mask a, Mask b) { return {a.raw && b.raw}; }
    friend Mask operator|(Mask a, Mask b) { return {a.raw || b.raw}; }
    friend Mask operator!(Mask a) { return {!a.raw}; }
    friend bool any(Mask a) { return a.raw; }
    friend bool all(Mask a) { return a.raw; }
  };

  Twofold() = default;
  constexpr Twofold(double value) : high(value), low(0.0) {}
  constexpr Twofold(double h, double l) : high(h), low(l) {}

  /// high + low for |high| >= |low|. A zero and an infinity are high's.
  static RECTIFY_INLINE Twofold ordered_sum(double h, double l) {
    if (l == 0 || !is_finite(h)) return h;
    const double sum = h + l;
    return {sum, is_finite(sum) ? l - (sum - h) : 0.0};
  }
  /// a + b without error.
  static RECTIFY_INLINE Twofold exact_sum(double a, double b) {
    const double sum = a + b, part = sum - a;
    return {sum, (a - (sum - part)) + (b - part)};
  }
  /// a b without error.
  static RECTIFY_INLINE Twofold exact_product(double a, double b) {
    const double product = a * b;
    return {product, std::fma(a, b, -product)};
  }

  friend Twofold operator+(Twofold a, Twofold b) {
    const Twofold highs = exact_sum(a.high, b.high), lows = exact_sum(a.low, b.low);
    if (!is_finite(highs.high)) return highs.high;
    const Twofold sum = ordered_sum(highs.high, highs.low + lows.high);
    return ordered_sum(sum.high, lows.low + sum.low);
  }
  friend Twofold operator-(Twofold a) { return {-a.high, -a.low}; }
  friend Twofold operator-(Twofold a, Twofold b) { return a + -b; }
  friend Twofold operator*(Twofold a, Twofold b) {
    const Twofold product = exact_product(a.high, b.high);
    if (!is_finite(product.high)) return product.high;
    return ordered_sum(product.high, product.low + std::fma(a.low, b.high, std::fma(a.high, b.low, a.low * b.low)));
  }
  friend Twofold operator/(Twofold a, Twofold b) {
    const double first = a.high / b.high;
    if (first == 0 || !is_finite(first) || !is_finite(b.high)) return first;
    // Long division: what is left over, whose leading part the fma gives without error.
    const Twofold rest = exact_sum(std::fma(-first, b.high, a.high), a.low) - exact_product(first, b.low);
    const double second = rest.high / b.high;
    const double third = (std::fma(-second, b.high, rest.high) + std::fma(-second, b.low, rest.low)) / b.high;
    const Twofold quotient = ordered_sum(first, second);
    return ordered_sum(quotient.high, quotient.low + third);
  }
  friend Twofold sqrt(Twofold a) {
    const double root = std::sqrt(a.high);
    if (root == 0 || !is_finite(root)) return root;
    return ordered_sum(root, (std::fma(-root, root, a.high) + a.low) / (2 * root));
  }

  friend RECTIFY_INLINE Mask operator<(Twofold a, Twofold b) { return {a.high < b.high || (a.high == b.high && a.low < b.low)}; }
  friend RECTIFY_INLINE Mask operator<=(Twofold a, Twofold b) { return {a.high < b.high || (a.high == b.high && a.low <= b.low)}; }
  friend RECTIFY_INLINE Mask operator>(Twofold a, Twofold b) { return b < a; }
  friend RECTIFY_INLINE Mask operator>=(Twofold a, Twofold b) { return b <= a; }
  friend RECTIFY_INLINE Mask operator==(Twofold a, Twofold b) { return {a.high == b.high && a.low == b.low}; }

  friend RECTIFY_INLINE Twofold select(Mask mask, Twofold a, Twofold b) { return mask.raw ? a : b; }
  friend RECTIFY_INLINE Twofold fma(Twofold a, Twofold b, Twofold c) { return a * b + c; }
  friend RECTIFY_INLINE Twofold abs(Twofold a) { return std::signbit(a.high) ? -a : a; }
  friend RECTIFY_INLINE Twofold min(Twofold a, Twofold b) { return (a < b).raw ? a : b; }
  friend RECTIFY_INLINE Twofold max(Twofold a, Twofold b) { return (a > b).raw ? a : b; }
  friend RECTIFY_INLINE Twofold copysign(Twofold magnitude, Twofold sign) {
    return std::signbit(magnitude.high) == std::signbit(sign.high) ? magnitude : -magnitude;
  }

  friend Twofold round(Twofold a) {
    const double whole = (a.high + 0x1.8p52) - 0x1.8p52, rest = a.high - whole;
    return whole + (rest == 0.5 && a.low > 0 ? 1.0 : rest == -0.5 && a.low < 0 ? -1.0 : 0.0);
  }
  friend Twofold power_of_two(Twofold k) { return std::bit_cast<double>(static_cast<uint64_t>(static_cast<int64_t>(k.high) + 1023) << 52); }
  friend Twofold exponent(Twofold a) {
    const double k = static_cast<double>(std::bit_cast<uint64_t>(a.high) >> 52) - 1023;
    return a.low < 0 && (std::bit_cast<uint64_t>(a.high) << 12) == 0 ? k - 1 : k;
  }
  friend Twofold mantissa(Twofold a) {
    const double twice_power = power_of_two(1.0 - exponent(a)).high;  // the power itself need not be a normal number
    return {a.high * twice_power * 0.5, a.low * twice_power * 0.5};
  }
  friend RECTIFY_INLINE Twofold to_odd(Twofold a, Twofold b) { return a + b; }

 private:
  static RECTIFY_INLINE bool is_finite(double x) { return std::fabs(x) <= std::numeric_limits<double>::max(); }
};
