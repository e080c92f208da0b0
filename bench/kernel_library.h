// What a library offers to the benchmark of activation kernels: plain types only, so that no unit sees the headers of two libraries.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// y[i] = f(x[i]) where g is null, otherwise y[i] = g[i] * f'(x[i]). The memory is aligned to 64 bytes, holds `n` elements each and outlives the pass.
struct KernelTask {
  std::string_view activation;  ///< by its name in Rectify's catalogue, with default parameters
  const float* x = nullptr;
  const float* g = nullptr;
  const float* output = nullptr;  ///< f(x) where a backward pass may start from it instead of from x; otherwise null
  float* y = nullptr;
  int64_t n = 0;
};

/// What is repeated and timed. Whatever can be prepared once (primitives, tensors over the memory) is prepared when the pass is made.
struct KernelPass {
  std::function<const float*()> run;  ///< returns where the result is: y, unless the note says otherwise. Empty if the library does not have this kernel
  std::string note = {};              ///< where it does not do exactly what the task says: an output that is allocated, two operators
};

struct KernelLibrary {
  std::string name;
  /// Version and settings that matter for speed, as (key, value).
  std::vector<std::pair<std::string, std::string>> (*settings)();
  /// From here on the calling thread alone works.
  void (*use_one_thread)();
  KernelPass (*prepare)(const KernelTask& task);
};

}  // namespace bench
