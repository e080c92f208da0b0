// What the units of each layer did over the steps of a run: dead, stuck, saturated or active, one row per layer.
#pragma once

#include <string>
#include <vector>

#include "rectify/report/layer_rows.h"

namespace rectify::report {

/// One layer in one window as shares that add up to 1.
struct UnitShares {
  double dead = 0;       ///< units that were exactly 0 for every sample of the window
  double stuck = 0;      ///< other units whose input was saturated for every one
  double saturated = 0;  ///< of all inputs: those of the other units that were saturated
  double active = 1;     ///< the rest
};
UnitShares shares_of(const observe::LayerWindow& window, int64_t units);

struct UnitMap {
  const observe::WatchLog& log;
  std::string title, subtitle;
  std::vector<size_t> layers = {};    ///< rows; all if empty
  std::vector<LayerMark> marks = {};
  double width = 980;
};

/// A strip per layer, input at the top, stacked from below: dead, stuck, saturated, active. Columns are as wide as their windows are long, on a linear axis of steps; neighbours that would be
/// too narrow to point at are drawn as one (observe::merged), so that a deep network is a picture of bounded size too. What was seen before training stands apart on the left. Above the strips
/// is the loss. Every cell says its numbers in a tooltip.
std::string svg(const UnitMap& map);

}  // namespace rectify::report
