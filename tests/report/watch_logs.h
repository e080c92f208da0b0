// Logs of watched runs made by hand.
#pragma once

#include <cmath>
#include <string>

#include "rectify/observe/watch_log.h"

namespace rectify::report {

/// Layers of 64 relu units and an output layer of 10, a probe and `windows` of 10 steps: nothing dead, 40 % of the inputs saturated, gradients that fall to 0.8 in every layer.
inline observe::WatchLog watch_log(int layers, int windows) {
  observe::WatchLog log;
  for (int i = 0; i < layers; ++i) {
    const bool last = i == layers - 1;
    log.layers.push_back({.name = std::to_string(2 * i), .layer = last ? "linear(10)" : "linear(64)", .activation = last ? "" : "relu", .units = last ? 10 : 64, .fan_in = 64});
  }
  for (int w = 0; w <= windows; ++w) {
    observe::Window window{.first_step = w == 0 ? 0 : 10 * w - 9, .last_step = 10 * w, .loss = 2.0 / (1 + w), .layers = {}};
    for (int i = 0; i < layers; ++i) {
      const bool last = i == layers - 1;
      const double u = 0.01 * std::pow(0.8, layers - 1 - i);
      window.layers.push_back({.values = 320, .rms = 1, .saturated = last ? 0 : 0.4, .pre_activation_rms = 1.5, .output_gradient = u, .pre_activation_gradient = last ? u : 0.5 * u, .weight = 0.2,
                               .sign_agreement = 0.4, .unit_spread = 1});
    }
    log.windows.push_back(std::move(window));
  }
  return log;
}

}  // namespace rectify::report
