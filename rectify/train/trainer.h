// The training loop. What watches it is a Listener; nothing here prints or writes files.
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/module.h"
#include "rectify/train/optimiser.h"
#include "rectify/train/schedule.h"

namespace rectify::train {

/// Loss and, for classification, accuracy. NaN loss on an empty part.
struct Evaluation {
  double loss = 0;
  double accuracy = 0;  ///< 0 for regression
};

/// Runs the network in evaluation mode over the part in batches; the sums over samples are ordered, so the batch size of the evaluation is part of the bits (default 1000).
Evaluation evaluate(nn::Module& model, const data::Part& part, nn::Loss loss, int64_t batch = 1000);
/// The network's outputs for all samples, evaluated in batches without recording.
Tensor predict(nn::Module& model, const Tensor& input, int64_t batch = 1000);

struct StepInfo {
  int64_t step = 0, steps = 0;  ///< this one, from 1, and how many the run has
  int64_t epoch = 0;            ///< from 1
  double loss = 0, learning_rate = 0;
};
struct EpochInfo {
  int64_t epoch = 0, epochs = 0, step = 0;
  double learning_rate = 0, seconds = 0;
  Evaluation train = {};  ///< means over the epoch's batches, as the weights changed
  Evaluation test = {};
  std::optional<Evaluation> validation = std::nullopt;
};

/// Is told what happens; must not change the model.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_start(nn::Module& model, const data::Dataset& data) { (void)model, (void)data; }
  virtual void on_step(nn::Module& model, const StepInfo& info, std::span<const Tensor> gradients) { (void)model, (void)info, (void)gradients; }
  virtual void on_epoch(nn::Module& model, const EpochInfo& info) { (void)model, (void)info; }
};

struct TrainOptions {
  int64_t epochs = 5, batch = 128;
  int64_t shards = 1;  ///< how a batch's gradient is summed, see shards.h: part of the bits
  uint64_t seed = 0;
  nn::Loss loss = nn::Loss::cross_entropy;
  Schedule schedule = {};
  int64_t first_step = 0;  ///< how many steps were taken before: training goes on with the batch and the learning rate after them
  const std::atomic<bool>* stop = nullptr;  ///< when it becomes true the running step is finished and fit() returns
};

struct TrainResult {
  std::vector<EpochInfo> epochs;
  bool stopped = false;   ///< by options.stop
  bool diverged = false;  ///< the loss or a gradient was no longer finite; the weights are those before that step
  std::string divergence; ///< "step 12, layer 2 (linear(10)): ...": the first layer in forward order whose output, or else in backward order whose gradient, was not finite
  double seconds = 0;
};

/// How far some steps of a training came.
struct StepsTaken {
  int64_t steps = 0;
  bool diverged = false;   ///< as in TrainResult
  std::string divergence;
};

/// The next `steps` steps of the training that fit() does, in place, and nothing else: batches and learning rates go on after options.first_step, beyond the last epoch with further epochs.
/// Nothing is evaluated. Throws as fit() does.
StepsTaken take_steps(nn::Module& model, Optimiser& optimiser, const data::Part& part, const TrainOptions& options, int64_t steps);

/// Trains in place. Batches are shuffled by (seed, epoch); 16 threads or 1 give the same weights. Throws ArgumentError for options out of range.
TrainResult fit(nn::Module& model, Optimiser& optimiser, const data::Dataset& data, const TrainOptions& options, std::span<Listener* const> listeners = {});

}  // namespace rectify::train
