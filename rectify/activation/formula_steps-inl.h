// What the instructions of a compiled formula do to numbers, and what errors do with them: for the kernel's lanes and for the exact path's Twofold.
// Textual: included inside a namespace after blocks.h, normal-inl.h, periodic-inl.h and arctan-inl.h, or after twofold_blocks-inl.h and twofold_circle-inl.h.
// No include guard.

using Op = activation::Operation;

/// What an instruction gives that cannot vouch for its result.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// A result of which neither the operands nor its own size say that it may be anything else; a function's b is 0.
template <class V>
RECTIFY_INLINE V vouched(const activation::Instruction& instruction, V result, V a, V b) {
  const V size = abs(result);
  const auto operands_large_enough = (abs(a) > instruction.operands[0].guard) & (abs(b) > instruction.operands[1].guard);
  const auto in_range = (size <= instruction.ceiling) & ((size >= instruction.least) | (a == 0.0) | (b == 0.0));
  return select(operands_large_enough & in_range, result, unknown);
}

// value(a, b) and error(result, a, b, error of a, error of b) of the arithmetic.

struct Add {
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return a + b; }
  template <class V> static RECTIFY_INLINE V error(V v, V, V, V ea, V eb, double relative) { return ea + eb + abs(v) * relative; }
};
struct Multiply {
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return a * b; }
  template <class V> static RECTIFY_INLINE V error(V v, V a, V b, V ea, V eb, double relative) { return abs(a) * eb + (abs(b) + eb) * ea + abs(v) * relative; }
};
struct Divide {
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return a / b; }
  template <class V> static RECTIFY_INLINE V error(V v, V, V b, V ea, V eb, double relative) {
    const V size = abs(b);
    return select(eb < size * 0.01, (ea + abs(v) * eb) * 1.02 / size + abs(v) * relative, unknown);
  }
};
/// The error of the smaller or larger of two numbers: that of the chosen one, if their errors leave no doubt which it is. NaN, an error without bound, stays NaN.
template <class V>
RECTIFY_INLINE V error_of_choice(V v, V a, V b, V ea, V eb) {
  return select(abs(a - b) > ea + eb, select(v == a, ea, eb), ea + eb);
}

struct Minimum {
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return select((a < b) | !(a == a), a, b); }
  template <class V> static RECTIFY_INLINE V error(V v, V a, V b, V ea, V eb, double) { return error_of_choice(v, a, b, ea, eb); }
};
struct Maximum {
  template <class V> static RECTIFY_INLINE V value(V a, V b) { return select((a > b) | !(a == a), a, b); }
  template <class V> static RECTIFY_INLINE V error(V v, V a, V b, V ea, V eb, double) { return error_of_choice(v, a, b, ea, eb); }
};

/// 1 where it holds, 0 where it does not, NaN where the errors leave it open.
template <class V>
RECTIFY_INLINE V truth(Op comparison, V a, V b, V doubt) {
  const V difference = a - b;
  const auto decided = (abs(difference) > doubt) | ((doubt == 0.0) & (difference == 0.0));
  const V one = 1.0, zero = 0.0;
  const V holds = comparison == Op::less ? select(a < b, one, zero) : comparison == Op::less_equal ? select(a <= b, one, zero) : select(a == b, one, zero);
  return select(decided, holds, unknown);
}

// The functions: value(u), and error(v, u, e), what an error e of u can make of v. e below 1 % of what matters, or the result is unknown.

template <class V>
RECTIFY_INLINE V if_small(V e, V limit, V error) {
  return select(e < limit * 0.01, error, unknown);
}

/// Nothing is rounded.
template <class F>
concept IsExact = requires { F::exact; };

struct Negate {
  static constexpr bool exact = true;
  template <class V> static RECTIFY_INLINE V value(V u) { return -u; }
  template <class V> static RECTIFY_INLINE V error(V, V, V e) { return e; }
};
struct Absolute {
  static constexpr bool exact = true;
  template <class V> static RECTIFY_INLINE V value(V u) { return abs(u); }
  template <class V> static RECTIFY_INLINE V error(V, V, V e) { return e; }
};
struct Sign {
  static constexpr bool exact = true;
  template <class V> static RECTIFY_INLINE V value(V u) { return select(u > 0.0, 1.0, select(u < 0.0, -1.0, u)); }
  template <class V> static RECTIFY_INLINE V error(V, V u, V e) { return select((abs(u) > e) | (e == 0.0), 0.0, unknown); }
};
struct SquareRoot {
  template <class V> static RECTIFY_INLINE V value(V u) { return sqrt(u); }
  template <class V> static RECTIFY_INLINE V error(V v, V u, V e) { return if_small(e, u, e * 0.52 / v); }
};
struct Exponential {
  template <class V> static RECTIFY_INLINE V value(V u) { return select(u < 400.0, exp(u), unknown); }
  template <class V> static RECTIFY_INLINE V error(V v, V, V e) { return if_small(e, V(1.0), v * e * 1.02); }
};
struct ExponentialLessOne {
  template <class V> static RECTIFY_INLINE V value(V u) { return select(u < 400.0, expm1(u), unknown); }
  template <class V> static RECTIFY_INLINE V error(V v, V, V e) { return if_small(e, V(1.0), (v + 1.0) * e * 1.02 + e * 0x1p-50); }
};
struct Logarithm {
  template <class V> static RECTIFY_INLINE V value(V u) { return select((u > 0.0) & (u < 0x1p1020), log(select((u > 0.0) & (u < 0x1p1020), u, 1.0)), unknown); }
  template <class V> static RECTIFY_INLINE V error(V, V u, V e) { return if_small(e, u, e * 1.02 / u); }
};
struct LogarithmOfOnePlus {
  template <class V> static RECTIFY_INLINE V value(V u) {
    const auto inside = (u > -0.999) & (u < 0x1p1000);
    return select(inside, log1p(select(inside, u, 0.0)), unknown);
  }
  template <class V> static RECTIFY_INLINE V error(V, V u, V e) { return if_small(e, 1.0 + u, e * 1.02 / (1.0 + u)); }
};

/// Whether all lanes are so ordinary that narrow lanes may take the brief formulas of the catalogue: no exponential leaves its range.
template <class V>
RECTIFY_INLINE bool is_ordinary(V u, double limit) {
  return V::narrow && all(abs(u) < limit);
}

struct HyperbolicTangent {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::narrow) {
      if (is_ordinary(u, 20)) [[likely]] {
        const V m = half_expm1_of_twice(u);
        return copysign(quotient(m, 1.0 + m), u);
      }
    }
    return tanh(u);
  }
  template <class V> static RECTIFY_INLINE V error(V v, V, V e) { return if_small(e, V(1.0), e * ((1.0 - v * v) * 1.03 + 0x1p-40)); }
};
struct Sigmoid {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::narrow) {
      if (is_ordinary(u, 40)) [[likely]] return quotient(V(1.0), 1.0 + brief_exp(u, V(-1.0)));
    }
    return sigmoid(u);
  }
  template <class V> static RECTIFY_INLINE V error(V v, V, V e) { return if_small(e, V(1.0), v * e * ((1.0 - v) * 1.02 + 0x1p-40)); }
};
struct Softplus {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::narrow) {
      if (is_ordinary(u, 40)) [[likely]] return max(u, 0.0) + log1p_of_unit(brief_exp(-abs(u)));
    }
    return softplus(u);
  }
  template <class V> static RECTIFY_INLINE V error(V v, V, V e) { return if_small(e, V(1.0), e * min(v, 1.0) * 1.02); }
};
/// tanh(softplus(u)), Mish's gate, as a rational function of exp(-|u|).
struct TangentOfSoftplus {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::narrow) {
      if (is_ordinary(u, 20)) [[likely]] {
        const V w = brief_exp(u), n = fma(w, w, w + w);
        return quotient(n, n + 2.0);
      }
    }
    const auto below = u < 0.0;
    const V e = exp_of_nonpositive(-abs(u)), n = select(below, e * (e + 2.0), 1.0 + (e + e));
    return n / (n + select(below, V(2.0), 2.0 * (e * e)));
  }
  template <class V> static RECTIFY_INLINE V error(V v, V, V e) { return if_small(e, V(1.0), v * e * 1.02); }
};
struct ErrorFunction {
  template <class V> static RECTIFY_INLINE V value(V u) { return erf(u); }
  template <class V> static RECTIFY_INLINE V error(V, V, V e) { return e * 1.13; }
};
struct ErrorFunctionRest {
  // Narrow lanes keep the relative error up to 16 / sqrt(2); far beyond it nothing is left.
  template <class V> static RECTIFY_INLINE V value(V u) { return V::narrow ? select((u < 11.3) | (u > 27.5), erfc(u), unknown) : select((u < 26.0) | (u > 27.5), erfc(u), unknown); }
  template <class V> static RECTIFY_INLINE V error(V v, V u, V e) { return if_small(e * (abs(u) + 1.0), V(1.0), e * v * (max(u, 0.0) + 1.0) * 2.2); }
};
struct NormalDistribution {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::narrow) {
      if (is_ordinary(u, 9)) [[likely]] {
        const V a = abs(u), upper = brief_exp(u * u, V(-0.5)) * brief_mills(a);
        return select(u < 0.0, upper, 1.0 - upper);
      }
    }
    const Tailed<V> p = tailed_normal_distribution(u);
    const V result = finished(u < 0.0, p.value, p.tail);
    return V::narrow ? select((u > -15.9) | (u < -39.0), result, unknown) : select((u > -37.0) | (u < -39.0), result, unknown);
  }
  template <class V> static RECTIFY_INLINE V error(V v, V u, V e) { return if_small(e * (abs(u) + 1.0), V(1.0), e * v * (max(-u, 0.0) + 1.0) * 1.1); }
};
struct Sine {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::twofold) {
      return select(abs(u) < 0x1p1000, sin(u), unknown);
    } else {
      return select(abs(u) < 0x1p-300, u, rounded(wave(V(1.0), u).sine));
    }
  }
  template <class V> static RECTIFY_INLINE V error(V, V, V e) { return e; }
};
struct Cosine {
  template <class V> static RECTIFY_INLINE V value(V u) {
    if constexpr (V::twofold) {
      return select(abs(u) < 0x1p1000, cos(u), unknown);
    } else {
      return rounded(wave(V(1.0), u).cosine);
    }
  }
  template <class V> static RECTIFY_INLINE V error(V, V, V e) { return e; }
};
struct Arctangent {
  template <class V> static RECTIFY_INLINE V value(V u) { return arctan(u); }
  template <class V> static RECTIFY_INLINE V error(V, V, V e) { return e; }
};

/// step.template operator()<F>() for the function of one operand.
template <class Step>
RECTIFY_INLINE void with_function(const activation::Instruction& instruction, Step step) {
  if (instruction.of_softplus) return step.template operator()<TangentOfSoftplus>();
  switch (instruction.operation) {
    case Op::negate: return step.template operator()<Negate>();
    case Op::abs: return step.template operator()<Absolute>();
    case Op::sign: return step.template operator()<Sign>();
    case Op::sqrt: return step.template operator()<SquareRoot>();
    case Op::exp: return step.template operator()<Exponential>();
    case Op::expm1: return step.template operator()<ExponentialLessOne>();
    case Op::log: return step.template operator()<Logarithm>();
    case Op::log1p: return step.template operator()<LogarithmOfOnePlus>();
    case Op::tanh: return step.template operator()<HyperbolicTangent>();
    case Op::sigmoid: return step.template operator()<Sigmoid>();
    case Op::softplus: return step.template operator()<Softplus>();
    case Op::erf: return step.template operator()<ErrorFunction>();
    case Op::erfc: return step.template operator()<ErrorFunctionRest>();
    case Op::normal_cdf: return step.template operator()<NormalDistribution>();
    case Op::sin: return step.template operator()<Sine>();
    case Op::cos: return step.template operator()<Cosine>();
    default: return step.template operator()<Arctangent>();
  }
}
