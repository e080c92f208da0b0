// What a training run did, as plain data: metrics per epoch and, at chosen moments, what every layer's units did. Bounded in size whatever the length of the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/observe/watch_log.h"

namespace rectify::observe {

/// Loss and, for classification, accuracy on one part of the data.
struct Metrics {
  double loss = 0;
  std::optional<double> accuracy;
};

/// One epoch. `epoch` counts from 1.
struct EpochRecord {
  int64_t epoch = 0;
  int64_t step = 0;  ///< optimiser steps so far
  double learning_rate = 0;
  double seconds = 0;  ///< of this epoch, evaluation included
  Metrics train;       ///< means over the epoch's batches, as the weights changed
  std::optional<Metrics> validation;
  Metrics test;
};

/// Equal bins over [low, high]; the range is that of the finite values.
struct Histogram {
  double low = 0, high = 0;
  std::vector<int64_t> counts;
  int64_t non_finite = 0;
  double mean = 0, standard_deviation = 0;
};

/// One layer with weights, and the activation that follows it if there is one.
struct LayerRecord {
  std::string name;        ///< "0", "2", "outer": the path of the module
  std::string layer;       ///< "linear(256)"
  std::string activation;  ///< full specification, "leaky_relu(negative_slope=0.01)"; empty if none
  int64_t units = 0;
};

/// What one layer did at one moment.
struct LayerSnapshot {
  Histogram output;                  ///< of the layer after its activation, over a fixed sample of training inputs
  Histogram gradient;                ///< of the loss by the layer's weights on that sample
  std::vector<float> firing_rate;    ///< per unit: share of the sample on which the output is above 0
};

/// All layers at one moment, in the order of RunLog::layers.
struct Snapshot {
  int64_t epoch = 0, step = 0;
  std::vector<LayerSnapshot> layers;
};

struct RunLog {
  std::vector<LayerRecord> layers;
  std::vector<EpochRecord> epochs;
  std::vector<Snapshot> snapshots;  ///< the first before step 1, then one after each epoch, thinned so that at most 65 are kept
  std::optional<WatchLog> watch;    ///< of a run that was watched
};

/// Bins of [low, high] of the finite values; all in the middle bin if they are one number.
Histogram make_histogram(const float* values, int64_t count, int bins = 40);
Histogram make_histogram(const double* values, int64_t count, int bins = 40);

}  // namespace rectify::observe
