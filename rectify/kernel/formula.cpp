#include "rectify/kernel/formula.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "rectify/activation/evaluate_program.h"
#include "rectify/activation/formula.h"
#include "rectify/activation/inline.h"
#include "rectify/activation/reduction.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/formula.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef RECTIFY_KERNEL_FORMULA_BLOCK
#define RECTIFY_KERNEL_FORMULA_BLOCK
namespace rectify::kernel {

/// Elements per block: a multiple of every vector, small enough that a formula's registers stay in the first cache.
inline constexpr int64_t formula_block = 256;

/// One element more exactly than the lanes: in sums of two float64 numbers, or else by MPFR. What it is at 0 and at infinity, where much of the input may be, is
/// remembered.
class ExactElements {
 public:
  ExactElements(const activation::Program& program, const activation::Exact& exact, std::span<const double> parameters)
      : program_(program), exact_(exact), parameters_(parameters) {
    for (const activation::Uniform& uniform : program.uniforms) uniforms_.push_back(uniform.at(parameters));
  }

  std::span<const activation::Nearest> uniforms() const { return uniforms_; }

  template <class T>
  T operator()(double x, double factor) {
    if (x == 0 || std::isinf(x)) {
      double& value = remembered_[(x == 0 ? 0 : 2) + (std::signbit(x) ? 1 : 0)];
      if (std::isnan(value)) value = exact_.evaluate<double>(x, parameters_);
      const double product = value * factor, margin = std::fabs(product) * 0x1p-51;
      const T low = static_cast<T>(product - margin), high = static_cast<T>(product + margin);
      if (product == 0 || (low == high && std::is_same_v<T, float>) || std::isinf(product)) return static_cast<T>(product);
      if (factor == 1 && std::is_same_v<T, double>) return static_cast<T>(value);
    }
    if (std::isnan(x) || std::isnan(factor)) return std::numeric_limits<T>::quiet_NaN();
    if (std::isfinite(x) && std::isfinite(factor)) {
      if (const std::optional<T> found = activation::evaluate_program<T>(program_, uniforms_, x, factor)) return *found;
    }
    const T result = exact_.evaluate<T>(x, parameters_, factor);
    return result == result ? result : std::numeric_limits<T>::quiet_NaN();
  }

 private:
  const activation::Program& program_;
  const activation::Exact& exact_;
  std::span<const double> parameters_;
  std::vector<activation::Nearest> uniforms_;
  double remembered_[4] = {std::nan(""), std::nan(""), std::nan(""), std::nan("")};
};

struct FormulaCall {
  const activation::Program& program;
  ExactElements& exact;
  bool is_double, selects;
  double* registers;  ///< blocks of values, then blocks of errors; uniforms are set
  const void* x;
  const void* g;
  void* y;
  int64_t n;
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel {
namespace HWY_NAMESPACE {
namespace formula {

namespace hn = hwy::HWY_NAMESPACE;

#include "rectify/kernel/lanes.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"
#include "rectify/activation/normal-inl.h"
#include "rectify/activation/jet.h"
#include "rectify/activation/periodic-inl.h"
#include "rectify/activation/arctan-inl.h"
#include "rectify/activation/formula_steps-inl.h"
#include "rectify/kernel/formula-inl.h"
#include "rectify/kernel/formula_selecting-inl.h"

/// v as the storage type would hold it.
template <class T, class V>
RECTIFY_INLINE V as_stored(V v) {
  if constexpr (std::is_same_v<T, double>) {
    return v;
  } else {
    return V(through_storage<T>(Lanes<true>(v.raw)).raw);
  }
}

template <class T, class V>
RECTIFY_INLINE void store_as(V v, T* p) {
  store(Lanes<std::is_same_v<T, float>>(v.raw), p);
}

/// Whether p, wrong by `margin` at most, is the result.
template <class T, class V>
RECTIFY_INLINE typename V::Mask is_certain(V p, V margin) {
  const V size = abs(p);
  if constexpr (std::is_same_v<T, float>) {
    // Without a margin there is nothing to doubt but NaN; the comparison of the two says so by itself. With one, 0 must not lie between.
    return (as_stored<float>(p - margin) == as_stored<float>(p + margin)) & ((margin < size) | (margin == 0.0));
  } else {
    return ((margin == 0.0) & (p == p)) | ((margin <= size * 0x1p-48) & (size > 0x1p-900) & (size < 0x1p1000));
  }
}

/// One vector of results, lane by lane certain or evaluated exactly. `at` is its place in the block, `rest` how many of its lanes there are.
template <bool dynamic, bool scaled, class T, class V>
HWY_NOINLINE void finish_carefully(const FormulaCall& call, const T* g, T* y, int64_t at, int64_t rest) {
  const activation::Operand& result = call.program.result;
  const double* values = call.registers + result.place * formula_block + at;
  const V relative = result.relative == 0 ? 0 : result.relative * 1.001 + 0x1p-52, guard = result.guard, input = block_load<V>(call.registers + at);
  V v = block_load<V>(values), margin;
  if constexpr (dynamic) {
    margin = block_load<V>(values + call.program.registers * formula_block);
    margin = select(margin == 0.0, margin, margin * 1.001 + abs(v) * 0x1p-52);
  } else {
    margin = abs(v) * relative;
  }
  // A flat part's 0 is +0, or of an odd function x's, whatever the arithmetic made of its sign; at 0 itself, and after underflow, the limit decides.
  const V at_zero = call.program.zeros_are_exact ? 0.0 : unknown;
  const V zero = select((input == 0.0) | !(margin == 0.0), unknown, call.program.odd ? copysign(at_zero, input) : at_zero);
  v = select(abs(v) > guard, select(v == 0.0, zero, v), unknown);
  v = select(abs(input) < std::numeric_limits<double>::infinity(), v, unknown);
  if constexpr (scaled) {
    T factors[lane_count];
    std::fill_n(factors, lane_count, T(1));
    std::memcpy(factors, g + at, static_cast<size_t>(rest) * sizeof(T));
    const V factor(load(factors).raw), product = v * factor;
    // A float32 times a float32 is exact; whatever else was exact is so no longer.
    const V rounding = std::is_same_v<T, float> ? select(as_stored<float>(v) == v, V(0.0), abs(product) * 0x1p-52) : V(0.0);
    margin = select(margin == 0.0, rounding, margin * abs(factor) * 1.001 + abs(product) * 0x1p-52);
    v = product;
  }
  const auto certain = is_certain<T>(v, margin);
  if (all(certain) && rest == lane_count) [[likely]] return store_as(v, y + at);
  double sure[lane_count], numbers[lane_count];
  block_store(select(certain, V(1.0), V(0.0)), sure);
  block_store(v, numbers);
  for (int64_t k = 0; k < rest; ++k) {
    y[at + k] = sure[k] != 0 ? static_cast<T>(numbers[k]) : call.exact.template operator()<T>(call.registers[at + k], scaled ? static_cast<double>(g[at + k]) : 1.0);
  }
}

/// Results that are normal numbers of float32 and not close to a tie by more than any error, as many vectors as there are in a row; the others carefully.
/// `zeros`: a 0 at an input other than 0 is exact.
template <bool dynamic, bool scaled, bool zeros, class V>
int64_t finish_quickly(const FormulaCall& call, const float* g, float* y, int64_t count) {
  constexpr int64_t vectors = 4;
  const double* values = call.registers + call.program.result.place * formula_block;
  const bool odd = call.program.odd;
  [[maybe_unused]] const V guard = call.program.result.guard;
  int64_t i = 0;
  for (; i + vectors * lane_count <= count; i += vectors * lane_count) {
    V p[vectors];
    uint32_t doubt = 0;
    for (int64_t k = 0; k < vectors; ++k) {
      const int64_t at = i + k * lane_count;
      V v = block_load<V>(values + at);
      if constexpr (zeros) {
        const V input = block_load<V>(call.registers + at);
        doubt |= flags(input == 0.0);
        v = odd ? select(v == 0.0, copysign(V(0.0), input), v) : v + 0.0;  // +0 it is, where the arithmetic made -0
      } else {
        doubt |= flags(v == 0.0);
      }
      doubt |= strange(v);
      if constexpr (dynamic) {
        const V margin = block_load<V>(values + call.program.registers * formula_block + at), size = abs(v);
        doubt |= flags(!((margin <= size * 0x1p-40) & (size > guard)));
      }
      if constexpr (scaled) {
        const V factor = load(g + at);
        doubt |= strange(factor);
        v = v * factor;
      }
      doubt |= static_cast<uint32_t>(near_tie<29, 14>(v));
      p[k] = v;
    }
    if (doubt == 0) [[likely]] {
      for (int64_t k = 0; k < vectors; ++k) store(p[k], y + i + k * lane_count);
    } else {
      for (int64_t k = 0; k < vectors; ++k) finish_carefully<dynamic, scaled, float, V>(call, g, y, i + k * lane_count, lane_count);
    }
  }
  return i;
}

/// The results of one block from its last register: those that are certain as they are, the others by exact evaluation.
template <bool dynamic, bool scaled, class T, class V>
void finish_block(const FormulaCall& call, const T* g, T* y, int64_t count, bool finite) {
  const activation::Operand& result = call.program.result;
  int64_t i = 0;
  if constexpr (std::is_same_v<T, float>) {
    if (finite && (dynamic || (result.guard < 0 && result.relative < 0x1p-39))) {
      const bool zeros = call.program.zeros_are_exact && !call.program.never_zero;
      i = zeros ? finish_quickly<dynamic, scaled, true, V>(call, g, y, count) : finish_quickly<dynamic, scaled, false, V>(call, g, y, count);
    }
  }
  for (; i < count; i += lane_count) finish_carefully<dynamic, scaled, T, V>(call, g, y, i, std::min<int64_t>(lane_count, count - i));
}

template <class T>
void run_blocks(const FormulaCall& call) {
  using V = Lanes<std::is_same_v<T, float>>;
  const activation::Program& program = call.program;
  const T* x = static_cast<const T*>(call.x);
  const T* g = static_cast<const T*>(call.g);
  T* y = static_cast<T*>(call.y);
  const bool dynamic = program.result.dynamic;
  const auto finish = g != nullptr ? (dynamic ? finish_block<true, true, T, V> : finish_block<false, true, T, V>)
                                   : (dynamic ? finish_block<true, false, T, V> : finish_block<false, false, T, V>);
  const auto values = [&](int32_t place) { return call.registers + place * formula_block; };
  const auto errors = [&](int32_t place) { return call.registers + (program.registers + place) * formula_block; };
  for (int64_t begin = 0; begin < call.n; begin += formula_block) {
    const int64_t count = std::min(formula_block, call.n - begin);
    double* input = values(0);  // kept to the end: y may be x
    const int64_t padded = (count + lane_count - 1) / lane_count * lane_count;
    V sum = 0.0;  // stays 0 until an input is infinite or NaN
    const auto take = [&](const T* from, int64_t i) HWY_ATTR {
      const V v(load(from).raw);
      sum = fma(v, V(0.0), sum);
      block_store(v, input + i);
    };
    int64_t whole = 0;
    for (; whole + lane_count <= count; whole += lane_count) take(x + begin + whole, whole);
    if (whole < count) {
      T last[lane_count];
      std::fill_n(last, lane_count, T(1));
      std::memcpy(last, x + begin + whole, static_cast<size_t>(count - whole) * sizeof(T));
      take(last, whole);
    }
    for (const activation::Instruction& instruction : program.instructions) {
      Places at{.operands = {}, .errors = {}, .target = values(instruction.target), .target_error = instruction.dynamic ? errors(instruction.target) : nullptr, .count = padded};
      for (size_t k = 0; k < at.operands.size(); ++k) {
        const activation::Operand& operand = instruction.operands[k];
        if (operand.place >= 0) at.operands[k] = values(operand.place);
        if (operand.dynamic) at.errors[k] = errors(operand.place);
      }
      execute<V>(instruction, at);
    }
    finish(call, g != nullptr ? g + begin : nullptr, y + begin, count, all(sum == 0.0));
  }
}

}  // namespace formula

void formula_blocks(const FormulaCall& call) {
  if (call.selects) return formula::run_floats(call);
  call.is_double ? formula::run_blocks<double>(call) : formula::run_blocks<float>(call);
}

}  // namespace HWY_NAMESPACE
}  // namespace rectify::kernel
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {

HWY_EXPORT(formula_blocks);

namespace {

/// For parameters that the program was not compiled for.
template <class T>
void run_exactly(const activation::Exact& exact, const PointwiseCall& call) {
  const T* x = static_cast<const T*>(call.x);
  const T* g = static_cast<const T*>(call.g);
  for (int64_t i = 0; i < call.n; ++i) {
    const T result = exact.evaluate<T>(static_cast<double>(x[i]), call.function.parameters, g != nullptr ? static_cast<double>(g[i]) : 1.0);
    static_cast<T*>(call.y)[i] = result == result ? result : std::numeric_limits<T>::quiet_NaN();
  }
}

/// Fills the registers of numbers that do not depend on x; false if one is outside what the program was compiled for.
bool set_uniforms(const activation::Program& program, std::span<const activation::Nearest> values, double* registers, int64_t n) {
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i].value, size = std::fabs(value);
    if (!(value == 0 || !program.uniforms[i].depends_on_parameters || (size >= 0x1p-60 && size <= 0x1p60)) || std::isnan(value)) return false;
    std::fill_n(registers + program.uniforms[i].place * formula_block, std::min(formula_block, (n + 15) / 16 * 16), value);
  }
  return true;
}

}  // namespace

void run_formula(const PointwiseCall& call) noexcept {
  const activation::CompiledFormula& compiled = call.function.formula->compiled(call.derivative);
  const std::span<const double> parameters(call.function.parameters);
  const activation::Program& program = call.is_double ? compiled.wide : compiled.narrow;
  ExactElements exact(program, compiled.exact, parameters);
  double* registers = scratch<double>(Scratch::formula, 2 * program.registers * formula_block);
  if (!set_uniforms(program, exact.uniforms(), registers, call.n)) return call.is_double ? run_exactly<double>(compiled.exact, call) : run_exactly<float>(compiled.exact, call);
  // Parameters are float64 numbers, and may be none of float32's.
  const bool selects = program.selects && std::ranges::all_of(exact.uniforms(), [](const activation::Nearest& v) { return static_cast<double>(static_cast<float>(v.value)) == v.value; });
  HWY_DYNAMIC_DISPATCH(formula_blocks)({.program = program, .exact = exact, .is_double = call.is_double, .selects = selects, .registers = registers, .x = call.x, .g = call.g, .y = call.y, .n = call.n});
}

}  // namespace rectify::kernel
#endif
