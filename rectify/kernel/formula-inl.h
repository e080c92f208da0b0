// The instructions of a compiled formula on blocks of float64 numbers.
// Textual: included inside `namespace HWY_NAMESPACE` after lanes.h, pairs-inl.h, blocks.h, normal-inl.h and formula_steps-inl.h. No include guard.
//
// Every instruction has a loop for operands of which nothing can go wrong, and a careful one that also carries error blocks and puts NaN where it cannot vouch
// for a result. V is Lanes<true> for float32 inputs and Lanes<false> for float64: the functions of the former are faster, those of the latter keep float64.

template <class V>
RECTIFY_INLINE V block_load(const double* p) {
  return V(load(p).raw);
}
template <class V>
RECTIFY_INLINE void block_store(V v, double* p) {
  store(Lanes<false>(v.raw), p);
}

/// Where an instruction finds its operands and leaves its result; errors are null where there are none.
struct Places {
  std::array<const double*, 4> operands, errors;
  double *target, *target_error;
  int64_t count;
};

template <class V>
RECTIFY_INLINE V operand_at(const Places& at, size_t k, int64_t i) {
  return block_load<V>(at.operands[k] + i);
}

template <class V>
RECTIFY_INLINE V error_at(const activation::Instruction& instruction, const Places& at, size_t k, int64_t i, V value) {
  return at.errors[k] != nullptr ? block_load<V>(at.errors[k] + i) : abs(value) * instruction.operands[k].relative;
}

template <class F, class V>
void binary(const activation::Instruction& instruction, const Places& at) {
  if (instruction.plain()) {
    const double *a = at.operands[0], *b = at.operands[1];
    for (int64_t i = 0; i < at.count; i += lane_count) block_store(F::value(block_load<V>(a + i), block_load<V>(b + i)), at.target + i);
    return;
  }
  for (int64_t i = 0; i < at.count; i += lane_count) {
    const V a = operand_at<V>(at, 0, i), b = operand_at<V>(at, 1, i);
    if (at.target_error != nullptr) {
      const V v = F::value(a, b), error = F::error(v, a, b, error_at(instruction, at, 0, i, a), error_at(instruction, at, 1, i, b), instruction.relative);
      block_store(error + instruction.slack, at.target_error + i);
    }
    block_store(vouched(instruction, F::value(a, b), a, b), at.target + i);
  }
}

template <class V>
void compare(const activation::Instruction& instruction, const Places& at) {
  for (int64_t i = 0; i < at.count; i += lane_count) {
    const V a = operand_at<V>(at, 0, i), b = operand_at<V>(at, 1, i);
    const V doubt = error_at(instruction, at, 0, i, a) + error_at(instruction, at, 1, i, b) + instruction.slack;
    block_store(truth(instruction.operation, a, b, doubt), at.target + i);
  }
}

template <class V, class Condition>
RECTIFY_INLINE void choose_by(const activation::Instruction& instruction, const Places& at, Condition condition) {
  for (int64_t i = 0; i < at.count; i += lane_count) {
    const V b = operand_at<V>(at, 2, i), c = operand_at<V>(at, 3, i);
    const auto [yes, no] = condition(i);
    block_store(select(yes, b, select(no, c, unknown)), at.target + i);
    if (at.target_error != nullptr) block_store(select(yes, error_at(instruction, at, 2, i, b), error_at(instruction, at, 3, i, c)), at.target_error + i);
  }
}

template <class V>
void choose(const activation::Instruction& instruction, const Places& at) {
  using Masks = std::pair<typename V::Mask, typename V::Mask>;
  const double *a = at.operands[0], *b = at.operands[1];
  switch (instruction.comparison) {
    case Op::less: return choose_by<V>(instruction, at, [=](int64_t i) HWY_ATTR {
      const V x = block_load<V>(a + i), y = block_load<V>(b + i);
      return Masks(x < y, x >= y);
    });
    case Op::less_equal: return choose_by<V>(instruction, at, [=](int64_t i) HWY_ATTR {
      const V x = block_load<V>(a + i), y = block_load<V>(b + i);
      return Masks(x <= y, x > y);
    });
    case Op::equal: return choose_by<V>(instruction, at, [=](int64_t i) HWY_ATTR {
      const V x = block_load<V>(a + i), y = block_load<V>(b + i);
      return Masks(x == y, (x < y) | (x > y));
    });
    default: return choose_by<V>(instruction, at, [=](int64_t i) HWY_ATTR {
      const V truth = block_load<V>(a + i);
      return Masks(truth == 1.0, truth == 0.0);
    });
  }
}

template <class F, class V>
void unary(const activation::Instruction& instruction, const Places& at) {
  if (instruction.plain()) {
    const double* a = at.operands[0];
    for (int64_t i = 0; i < at.count; i += lane_count) block_store(F::value(block_load<V>(a + i)), at.target + i);
    return;
  }
  for (int64_t i = 0; i < at.count; i += lane_count) {
    const V u = operand_at<V>(at, 0, i), v = F::value(u), through = F::error(v, u, error_at(instruction, at, 0, i, u));
    V result = vouched(instruction, v, u, V(0.0));
    if (at.target_error != nullptr) {
      block_store(through + abs(v) * (IsExact<F> ? 0.0 : instruction.relative), at.target_error + i);
    } else {
      result = select(through == through, result, unknown);
    }
    block_store(result, at.target + i);
  }
}

template <class V>
void execute(const activation::Instruction& instruction, const Places& at) {
  switch (instruction.operation) {
    case Op::add: return binary<Add, V>(instruction, at);
    case Op::multiply: return binary<Multiply, V>(instruction, at);
    case Op::divide: return binary<Divide, V>(instruction, at);
    case Op::minimum: return binary<Minimum, V>(instruction, at);
    case Op::maximum: return binary<Maximum, V>(instruction, at);
    case Op::less:
    case Op::less_equal:
    case Op::equal: return compare<V>(instruction, at);
    case Op::where: return choose<V>(instruction, at);
    default: return with_function(instruction, [&]<class F>() HWY_ATTR { unary<F, V>(instruction, at); });
  }
}
