#include "rectify/verify/filter.h"

#include <algorithm>
#include <array>
#include <new>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// A lambda is a function of its own: inlined or not, it has to be compiled for the same instruction set as the loop around it.
#define RECTIFY_LAMBDA __attribute__((always_inline))
#include "rectify/verify/filter_steps-inl.h"

namespace rectify::verify {
namespace {

/// Subnormal numbers count as zero while this lives: they would make every operation a hundred times slower, and the error bounds allow for it.
class FlushSubnormals {
 public:
#if defined(__x86_64__)
  FlushSubnormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | _MM_FLUSH_ZERO_ON | 0x40u /* denormals are zero */); }
  ~FlushSubnormals() { _mm_setcsr(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  unsigned before_;
#endif
};

constexpr std::align_val_t alignment{64};

struct Run {
  const Instruction* steps;
  const size_t* place;
  size_t count;
  size_t result;
  double* numbers;

  RECTIFY_INLINE Numbers at(size_t step) const {
    double* begin = numbers + place[step] * 2 * Filter::block;
    return {begin, begin + Filter::block};
  }
  RECTIFY_INLINE Numbers operand(int step) const { return step >= 0 ? at(static_cast<size_t>(step)) : Numbers{nullptr, nullptr}; }
};

RECTIFY_INLINE void run_all(const Run& run, const float* x, uint32_t* result) {
  for (size_t s = 0; s < run.count; ++s) {
    if (run.steps[s].code != Instruction::Code::input) continue;
    double* value = run.at(s).value;
    for (size_t i = 0; i < Filter::block; ++i) value[i] = static_cast<double>(x[i]);
  }
  {
    [[maybe_unused]] const FlushSubnormals flush;
    for (size_t s = 0; s < run.count; ++s) {
      const Instruction& step = run.steps[s];
      run_step(step, run.at(s), run.operand(step.a), run.operand(step.b), run.operand(step.c), run.operand(step.d));
    }
  }
  round_block(run.at(run.result), result);
}

void run_anywhere(const Run& run, const float* x, uint32_t* result) noexcept { run_all(run, x, result); }
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void run_avx2(const Run& run, const float* x, uint32_t* result) noexcept { run_all(run, x, result); }
[[gnu::target("avx512f,avx512dq,avx512vl,avx2,fma")]] void run_avx512(const Run& run, const float* x, uint32_t* result) noexcept { run_all(run, x, result); }
#endif

auto choose_run() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return run_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return run_avx2;
#endif
  return run_anywhere;
}

bool keeps_its_place(const Instruction& step) { return step.code == Instruction::Code::input || step.code == Instruction::Code::constant; }

std::array<int, 4> operands(const Instruction& step) { return {step.a, step.b, step.c, step.d}; }

}  // namespace

void Filter::Workspace::Free::operator()(double* pointer) const noexcept { ::operator delete[](pointer, alignment); }

Filter::Filter(const activation::Expression& expression, std::span<const double> parameters, int derivative) : program_(compile_filter(expression, parameters, derivative)) {
  // Blocks are used again when the last step that reads them is done: the workspace stays in the nearest cache.
  const std::vector<Instruction>& steps = program_.steps;
  std::vector<size_t> last(steps.size(), 0), free;
  for (size_t i = 0; i < steps.size(); ++i) {
    for (const int operand : operands(steps[i])) {
      if (operand >= 0) last[static_cast<size_t>(operand)] = i;
    }
  }
  last[static_cast<size_t>(program_.result)] = steps.size();
  for (size_t i = 0; i < steps.size(); ++i) {
    if (free.empty() || keeps_its_place(steps[i])) {
      place_.push_back(places_++);
    } else {
      place_.push_back(free.back());
      free.pop_back();
    }
    std::array<int, 4> done = operands(steps[i]);
    std::ranges::sort(done);
    for (size_t k = 0; k < done.size(); ++k) {
      if (done[k] < 0 || (k > 0 && done[k] == done[k - 1])) continue;
      const auto operand = static_cast<size_t>(done[k]);
      if (last[operand] == i && !keeps_its_place(steps[operand])) free.push_back(place_[operand]);
    }
  }
}

Filter::Workspace::Workspace(const Filter& filter) : numbers_(static_cast<double*>(::operator new[](filter.places_ * 2 * block * sizeof(double), alignment))) {
  std::fill_n(numbers_.get(), filter.places_ * 2 * block, 0.0);
  for (size_t i = 0; i < filter.program_.steps.size(); ++i) {
    const Instruction& step = filter.program_.steps[i];
    if (step.code != Instruction::Code::constant) continue;
    std::fill_n(numbers_.get() + filter.place_[i] * 2 * block, block, step.value);
    std::fill_n(numbers_.get() + filter.place_[i] * 2 * block + block, block, step.error);
  }
}

void Filter::run(const float* x, uint32_t* result, Workspace& workspace) const noexcept {
  static const auto chosen = choose_run();
  chosen({program_.steps.data(), place_.data(), program_.steps.size(), static_cast<size_t>(program_.result), workspace.numbers_.get()}, x, result);
}

}  // namespace rectify::verify
