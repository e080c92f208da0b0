// What is diagnosed: a network with its task and, as far as it exists, the log of its training. Plain data, so that the rules can be tested without training anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/module.h"
#include "rectify/observe/watch_log.h"
#include "rectify/train/optimiser.h"

namespace rectify::diagnose {

/// The network's inputs over a sample of the training data.
struct InputMeasure {
  int64_t samples = 0, features = 0;
  double rms = 0;                  ///< of all numbers
  double largest = 0;              ///< of their magnitudes
  double uncentred = 0;            ///< sum over features of mean² / sum of mean square
  double smallest_deviation = 0, largest_deviation = 0;  ///< of the features that vary at all
  int64_t constant_features = 0;
  int64_t non_finite = 0;
};

/// The network's outputs over the same sample, and what the loss makes of them.
struct OutputMeasure {
  std::string last_activation;     ///< specification of what is applied to the last layer with weights; "" if nothing is
  bool ends_in_softmax = false, ends_in_log_softmax = false;
  double smallest = 0, largest = 0;
  double smallest_target = 0, largest_target = 0;  ///< of regression
  int64_t distinct_outputs = 0;    ///< different rows of outputs, up to 2: 1 if the network says the same for every sample
  double loss = 0;                 ///< of the network on the sample
  double chance_loss = 0;          ///< of the best answer that does not look at the input: the entropy of the classes, the variance of the targets, ...
};

struct Subject {
  nn::Loss loss = nn::Loss::cross_entropy;
  std::string optimiser;           ///< "sgd(lr=0.01, momentum=0.9, ...)"
  double learning_rate = 0;
  int64_t batch = 0, training_samples = 0, steps_per_epoch = 0;
  int64_t planned_steps = 0;       ///< of the whole training; 0 if that is not known
  bool after_training = false;     ///< the probe is of a network as its training left it, of which nothing else is known; otherwise of a beginning
  bool normalised = false;         ///< has batch or layer normalisation between its layers
  InputMeasure input;
  OutputMeasure output;            ///< of the network as it is now
  observe::WatchLog log;           ///< at least the probe
  std::optional<std::string> diverged;  ///< how training ended, if not well
};

/// Looks at a network before training, or as it is (after_training then has to be set): one forward and backward pass over up to `samples` training samples, drawn evenly, which changes
/// nothing. The log has one window, the probe. Dropout does nothing, and batch normalisation takes the samples' own statistics, as it does in training. What the data and the model do not
/// say (optimiser, learning rate, batch, steps per epoch) is left to the caller. Throws ArgumentError without samples that have targets, and what the model and the loss throw.
Subject examine(nn::Module& model, nn::Loss loss, const data::Dataset& data, int64_t samples = 512);

/// What a probe looks at: that many training samples, drawn evenly from all (files are often sorted by class), in the model's type. Throws as examine() does.
data::Part sample_of(nn::Module& model, const data::Dataset& data, int64_t samples);

}  // namespace rectify::diagnose
