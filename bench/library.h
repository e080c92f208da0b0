// What every compared library offers to the questions: plain types only, so that no unit sees the headers of two libraries.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/problem.h"

namespace bench {

/// Version and settings that matter for speed, as (key, value).
using Settings = std::vector<std::pair<std::string, std::string>>;

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

/// C (m x n) = op(A) op(B), row major without gaps; op transposes if told so, and A is then stored k x m and B n x k.
struct ProductTask {
  bool transpose_a = false, transpose_b = false;
  int64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  double operations() const { return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k); }
};

/// The gradient of a convolution (stride 1, no padding) by its weight: x (batch, edge, edge, channels), g (batch, positions, positions, outputs) and
/// dw (outputs, window, window, channels), row major, with positions = edge - window + 1.
struct WeightGradientTask {
  int64_t batch = 0, edge = 0, channels = 0, outputs = 0, window = 0;
  const float* x = nullptr;
  const float* g = nullptr;
  float* dw = nullptr;
  constexpr int64_t positions() const { return edge - window + 1; }
};

/// y = f(x) for x (rows x columns), row major: softmax and layer normalisation over each row, batch normalisation of each column by its own moments.
struct RowsTask {
  enum class Kind { softmax, log_softmax, layer_norm, batch_norm } kind = Kind::softmax;
  static constexpr double epsilon = 1e-5;
  int64_t rows = 0, columns = 0;
  const float* x = nullptr;
  float* y = nullptr;
};

/// A network at work, as a user of the library would write it.
class Network {
 public:
  virtual ~Network() = default;
  /// On the next batch, the batches in turn: forward, loss, backward and update, and returns the loss before the update; in inference
  /// forward alone, and returns the first output of the first row.
  virtual double step() = 0;
};

/// A library and what it takes part in; what it does not have is empty.
struct Library {
  std::string name;
  std::function<Settings()> settings;
  std::function<void(int count)> set_threads;
  /// Its threads wait by spinning for some milliseconds after a call and would take a processor from whatever is measured next.
  bool threads_spin = false;
  std::function<KernelPass(const KernelTask&)> kernel = {};
  std::function<std::function<void()>(const ProductTask&)> product = {};
  std::function<std::unique_ptr<Network>(const Problem&)> network = {};
  /// The same with statistics of every unit, counted in every step.
  std::function<std::unique_ptr<Network>(const Problem&)> watched_network = {};
  std::function<void(const WeightGradientTask&)> weight_gradient = {};
  std::function<void(const RowsTask&)> rows = {};
};

}  // namespace bench
