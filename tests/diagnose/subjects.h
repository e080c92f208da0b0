// Subjects made by hand: a healthy training, of which a test spoils one thing.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "rectify/diagnose/subject.h"

namespace rectify::diagnose {

/// A layer as it is in a healthy network: calibrated weights, outputs of rms 1, gradients that keep their size.
inline observe::LayerWindow healthy_layer(double gain, int64_t fan_in) {
  return {.values = 5000, .mean = 0.3, .rms = 1, .uncentred = 0.4, .smallest = 0, .largest = 4, .zeros = 0.5, .saturated = 0.1, .dead_units = 0, .stuck_units = 0, .linear_units = 0, .non_finite = 0,
          .pre_activation_rms = 1.4, .output_gradient = 0.01, .pre_activation_gradient = 0.008, .weight = gain / std::sqrt(static_cast<double>(fan_in)), .weight_gradient = 0.01, .bias = 0,
          .largest_bias = 0.1, .update = 1e-3 * gain / std::sqrt(static_cast<double>(fan_in)), .sign_agreement = 0.4, .unit_spread = 1};
}

/// A classifier of ten classes, 64 inputs, `hidden` layers of 64 units, after the probe: nothing has been trained.
inline Subject untrained(const std::string& activation, int hidden = 2) {
  Subject subject{.loss = nn::Loss::cross_entropy, .optimiser = "sgd(lr=0.1)", .learning_rate = 0.1, .batch = 32, .training_samples = 5000, .steps_per_epoch = 157,
                  .input = {.samples = 512, .features = 64, .rms = 1, .largest = 4, .uncentred = 0.05, .smallest_deviation = 0.8, .largest_deviation = 1.2},
                  .output = {.last_activation = "", .smallest = -3, .largest = 3, .distinct_outputs = 2, .loss = 2.5, .chance_loss = 2.303}, .log = {}, .diverged = {}};
  observe::Window probe{.loss = 2.5, .first_loss = 2.5, .last_loss = 2.5, .learning_rate = 0.1, .layers = {}};
  const double gain = activation == "relu" ? std::sqrt(2.0) : activation == "tanh" ? 1.5925 : activation == "sigmoid" ? 1.8463 : 1;
  for (int i = 0; i <= hidden; ++i) {
    const bool last = i == hidden;
    subject.log.layers.push_back({.name = std::to_string(2 * i), .layer = last ? "linear(10)" : "linear(64)", .activation = last ? "" : activation, .units = last ? 10 : 64, .fan_in = 64});
    subject.log.units.emplace_back(last ? 10 : 64);
    probe.layers.push_back(healthy_layer(last ? 1 : gain, 64));
    if (last) probe.layers.back().pre_activation_gradient = probe.layers.back().output_gradient = 0.02;
  }
  subject.log.windows.push_back(probe);
  return subject;
}

/// Adds windows of 10 steps whose losses go from the first to the last number.
inline void train(Subject& subject, double from, double to, int windows = 20) {
  for (int i = 0; i < windows; ++i) {
    observe::Window window = subject.log.windows.back();
    window.first_step = 10 * i + 1, window.last_step = 10 * (i + 1);
    const double before = from + (to - from) * i / windows, after = from + (to - from) * (i + 1) / windows;
    window.first_loss = before, window.last_loss = after, window.loss = (before + after) / 2, window.loss_deviation = 0.05 * window.loss;
    subject.log.windows.push_back(window);
  }
}

}  // namespace rectify::diagnose
