// Formulas that only select among their input, its size, sign or negative, and numbers of float32: they run in float32's own lanes, where nothing is rounded.
// Textual: included inside `namespace HWY_NAMESPACE` after lanes.h and formula_steps-inl.h. No include guard.

using Floats = StorageLanes<float>;
inline constexpr int64_t floats = storage_lane_count<float>;

struct FloatPlaces {
  std::array<const float*, 4> operands;
  float* target;
  int64_t count;  ///< a multiple of `floats`
};

/// step(a, b, c, d) for all elements, of as many operands as it takes.
template <size_t operands, class Step>
RECTIFY_INLINE void over_floats(const FloatPlaces& at, Step step) {
  for (int64_t i = 0; i < at.count; i += floats) {
    const auto operand = [&](size_t k) HWY_ATTR { return Floats::load(at.operands[k] + i); };
    if constexpr (operands == 1) step(operand(0)).store(at.target + i);
    if constexpr (operands == 2) step(operand(0), operand(1)).store(at.target + i);
    if constexpr (operands == 4) step(operand(0), operand(1), operand(2), operand(3)).store(at.target + i);
  }
}

inline void execute_in_floats(const activation::Instruction& instruction, const FloatPlaces& at) {
  using F = Floats;
  switch (instruction.operation) {
    case Op::negate: return over_floats<1>(at, [](F a) HWY_ATTR { return a * F(-1.0); });
    case Op::abs: return over_floats<1>(at, [](F a) HWY_ATTR { return abs(a); });
    case Op::sign: return over_floats<1>(at, [](F a) HWY_ATTR { return select(a > F(0.0), F(1.0), select(a < F(0.0), F(-1.0), a)); });
    case Op::minimum: return over_floats<2>(at, [](F a, F b) HWY_ATTR { return select(a < b, a, b); });
    case Op::maximum: return over_floats<2>(at, [](F a, F b) HWY_ATTR { return select(a > b, a, b); });
    default: break;
  }
  switch (instruction.comparison) {  // of a where
    case Op::less: return over_floats<4>(at, [](F a, F b, F c, F d) HWY_ATTR { return select(a < b, c, d); });
    case Op::less_equal: return over_floats<4>(at, [](F a, F b, F c, F d) HWY_ATTR { return select(b < a, d, c); });
    default: return over_floats<4>(at, [](F a, F b, F c, F d) HWY_ATTR { return select(a == b, c, d); });
  }
}

/// The results of one block: `values` as they are, or times g. f(0) has a sign that selections do not know, and at infinity stands the limit.
template <bool scaled>
void finish_floats(const FormulaCall& call, const float* input, const float* values, const float* g, float* y, int64_t count) {
  const bool odd = call.program.odd;
  for (int64_t i = 0; i < count; i += floats) {
    const Floats v = Floats::load(values + i), x = Floats::load(input + i);
    uint32_t doubt = any_set(!(x * Floats(0.0) == Floats(0.0))) | any_set(x == Floats(0.0));
    Floats result = odd ? select(v == Floats(0.0), x * Floats(0.0), v) : fma(v, Floats(1.0), Floats(0.0));  // the sign of a flat part's 0
    if constexpr (scaled) {
      result = result * Floats::load(g + i);
      doubt |= any_set(!(result == result));
    }
    if (doubt == 0 && i + floats <= count) [[likely]] {
      result.store(y + i);
      continue;
    }
    float results[floats];
    result.store(results);
    for (int64_t k = 0; k < std::min(floats, count - i); ++k) {
      const double at = static_cast<double>(input[i + k]), factor = scaled ? static_cast<double>(g[i + k]) : 1.0;
      y[i + k] = at == 0 || !(std::fabs(at) < std::numeric_limits<double>::infinity()) || results[k] != results[k] ? call.exact.template operator()<float>(at, factor) : results[k];
    }
  }
}

void run_floats(const FormulaCall& call) {
  const activation::Program& program = call.program;
  const float* x = static_cast<const float*>(call.x);
  const float* g = static_cast<const float*>(call.g);
  float* y = static_cast<float*>(call.y);
  float* registers = reinterpret_cast<float*>(call.registers);
  const auto values = [&](int32_t place) { return registers + place * formula_block; };
  // Over what set_uniforms wrote: nothing reads float64 numbers here.
  for (size_t i = 0; i < program.uniforms.size(); ++i) std::fill_n(values(program.uniforms[i].place), formula_block, static_cast<float>(call.exact.uniforms()[i].value));
  for (int64_t begin = 0; begin < call.n; begin += formula_block) {
    const int64_t count = std::min(formula_block, call.n - begin);
    const float *input = x + begin, *factor = g != nullptr ? g + begin : nullptr;
    float factors[formula_block];
    if (count < formula_block) {
      std::fill_n(values(0), formula_block, 1.0f);
      std::memcpy(values(0), input, static_cast<size_t>(count) * sizeof(float));
      input = values(0);
      if (g != nullptr) {
        std::fill_n(factors, formula_block, 1.0f);
        std::memcpy(factors, factor, static_cast<size_t>(count) * sizeof(float));
        factor = factors;
      }
    }
    const auto place_of = [&](int32_t place) -> const float* { return place == 0 ? input : values(place); };
    for (const activation::Instruction& instruction : program.instructions) {
      FloatPlaces at{.operands = {}, .target = values(instruction.target), .count = (count + 15) / 16 * 16};
      for (size_t k = 0; k < at.operands.size(); ++k) {
        if (instruction.operands[k].place >= 0) at.operands[k] = place_of(instruction.operands[k].place);
      }
      execute_in_floats(instruction, at);
    }
    const float* result = place_of(program.result.place);
    g != nullptr ? finish_floats<true>(call, input, result, factor, y + begin, count) : finish_floats<false>(call, input, result, factor, y + begin, count);
  }
}
