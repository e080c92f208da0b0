#include "rectify/verify/vector_functions.h"

#include <cmath>
#include <iterator>

#if defined(__x86_64__) && defined(__GLIBC__)
#include <dlfcn.h>
#include <immintrin.h>
#define RECTIFY_HAS_VECTOR_FUNCTIONS 1
#endif

namespace rectify::verify {
namespace {

struct Entry {
  const char* name;
  double (*scalar)(double);
};
constexpr Entry entries[] = {{"exp", std::exp}, {"expm1", std::expm1}, {"log", std::log},   {"log1p", std::log1p}, {"sin", std::sin},
                             {"cos", std::cos}, {"tanh", std::tanh},   {"atan", std::atan}, {"erf", std::erf},     {"erfc", std::erfc}};
constexpr size_t entry_count = std::size(entries);

#if RECTIFY_HAS_VECTOR_FUNCTIONS
using Eight = __m512d (*)(__m512d);
using Four = __m256d (*)(__m256d);

/// glibc's libmvec: _ZGVeN8v_exp takes eight numbers (AVX-512), _ZGVdN4v_exp four (AVX2). Looked up at run time: older versions have fewer.
struct VectorTable {
  void* eight[entry_count] = {};
  void* four[entry_count] = {};

  VectorTable() {
    void* library = dlopen("libmvec.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    const bool has_eight = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"), has_four = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    for (size_t i = 0; i < entry_count; ++i) {
      char symbol[32] = "_ZGVeN8v_";
      size_t length = 9;
      for (const char* c = entries[i].name; *c != '\0'; ++c) symbol[length++] = *c;
      if (has_eight) eight[i] = dlsym(library, symbol);
      symbol[4] = 'd', symbol[6] = '4';
      if (has_four) four[i] = dlsym(library, symbol);
    }
  }
};

[[gnu::target("avx512f")]] void apply_eight(Eight f, const double* x, double* y, size_t count) noexcept {
  for (size_t i = 0; i < count; i += 8) _mm512_store_pd(y + i, f(_mm512_load_pd(x + i)));
}
[[gnu::target("avx2")]] void apply_four(Four f, const double* x, double* y, size_t count) noexcept {
  for (size_t i = 0; i < count; i += 4) _mm256_store_pd(y + i, f(_mm256_load_pd(x + i)));
}
#endif

}  // namespace

void apply(VectorFunction f, const double* x, double* y, size_t count) noexcept {
  const auto index = static_cast<size_t>(f);
#if RECTIFY_HAS_VECTOR_FUNCTIONS
  static const VectorTable table;
  if (table.eight[index] != nullptr) return apply_eight(reinterpret_cast<Eight>(table.eight[index]), x, y, count);
  if (table.four[index] != nullptr) return apply_four(reinterpret_cast<Four>(table.four[index]), x, y, count);
#endif
  for (size_t i = 0; i < count; ++i) y[i] = entries[index].scalar(x[i]);
}

}  // namespace rectify::verify
