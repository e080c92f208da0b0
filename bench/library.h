// What every compared library offers to a benchmark: plain types only, so that no unit sees the headers of two libraries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// A fully connected classifier with ReLU between its layers, and the data it is trained on. Libraries copy what they need.
struct TrainingProblem {
  std::vector<int64_t> widths;              ///< inputs, hidden units..., classes
  int64_t batch = 0;
  std::vector<std::vector<float>> weights;  ///< initial ones of each layer, (out, in) row major; biases start at 0
  std::vector<std::vector<float>> inputs;   ///< per batch, (batch, widths.front()) row major
  std::vector<std::vector<int64_t>> targets;///< per batch, one class per row
  double learning_rate = 0, momentum = 0;
};

/// A network in training, as a user of the library would write it.
class Training {
 public:
  virtual ~Training() = default;
  /// Forward, cross entropy, backward and update on the next batch, the batches in turn. Returns the loss before the update.
  virtual double step() = 0;
};

struct Library {
  std::string name;
  /// Version and settings that matter for speed, as (key, value).
  std::vector<std::pair<std::string, std::string>> (*settings)();
  void (*set_threads)(int count);
  std::unique_ptr<Training> (*train)(const TrainingProblem& problem);
};

}  // namespace bench
