// A model's modes and buffers, kept and put back.
#pragma once

#include <utility>
#include <vector>

#include "rectify/nn/module.h"

namespace rectify::train {

/// While it lives, the model and all modules inside are in evaluation mode; then each is again in the mode it was in.
class EvaluationMode {
 public:
  explicit EvaluationMode(nn::Module& model);
  ~EvaluationMode();
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  std::vector<std::pair<nn::Module*, bool>> before_;  // outer modules before inner ones
};

/// The values of a model's buffers at one moment: the positions of random streams and whatever else a forward pass in training mode moves on.
class SavedBuffers {
 public:
  explicit SavedBuffers(nn::Module& model);
  /// Keeps the present values; allocates nothing.
  void save();
  /// Puts the values of the last save() back.
  void restore();
  /// The buffers themselves, in the order of visiting, and the values that were kept of them.
  const std::vector<Tensor>& live() const { return live_; }
  const std::vector<Tensor>& saved() const { return saved_; }

 private:
  std::vector<Tensor> live_, saved_;
};

}  // namespace rectify::train
