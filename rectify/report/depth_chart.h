// How large the gradient or the signal is in each layer, at a few moments of a run, and which of its steps made it so.
#pragma once

#include <string>
#include <vector>

#include "rectify/report/layer_rows.h"

namespace rectify::report {

/// What flows through the layers. Each has a size before and after the activation of a layer; where it goes, two factors take it from one layer to the next.
enum class Flow {
  gradient,  ///< d before and u after the activation; on its way back to the input multiplied by the activation's factor d/u and by the weights' factor, u of the layer before / d
  signal,    ///< z before and h after the activation; on its way forward multiplied by the weights' factor z / h of the layer before and by the activation's factor h/z
};

/// The rms of what flows, in one layer. Where it was not measured, it is NaN.
struct LayerFlow {
  double before = 0, after = 0;                ///< the activation
  double weights_factor = 0, activation_factor = 0;
};
LayerFlow flow_of(const observe::Window& window, size_t layer, Flow flow);

struct DepthChart {
  const observe::WatchLog& log;
  std::string title, subtitle;
  Flow flow = Flow::gradient;
  std::vector<size_t> layers = {};    ///< rows; all if empty
  std::vector<LayerMark> marks = {};
  double width = 980;
};

/// A row per layer, input at the top. On the left the rms on a logarithmic axis, a line for each of `moments_of` the run; on the right both factors as bars from 1. Rows say their numbers in
/// a tooltip. An rms of exactly 0 lies on the left edge, which is marked "0".
std::string svg(const DepthChart& chart);

/// Windows to be drawn, at most three in the order of time: before training, the first and the last of training, of those in which the flow was measured.
std::vector<const observe::Window*> moments_of(const observe::WatchLog& log, Flow flow);

}  // namespace rectify::report
