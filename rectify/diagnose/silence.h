// Which units are silent: whose output is exactly 0 on every sample that is looked at. For the files of this folder.
#pragma once

#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/diagnose/network_parts.h"
#include "rectify/observe/watch_log.h"

namespace rectify::diagnose {

/// The paths of the hidden layers, in their order: entry i is number i of WatchLog::layers.
std::vector<Path> hidden_paths(nn::Sequential& model);

/// Of one layer.
struct Silence {
  std::vector<bool> units;  ///< which are silent
  int64_t values = 0;       ///< how many of each were looked at
};
/// For each path the units that are 0 in every row, in evaluation mode and not recorded: a watch does not see it.
std::vector<Silence> silent_units(nn::Sequential& model, const std::vector<Path>& paths, const Tensor& input);

/// Brings the units' histories to what the network does now, on the training part or, if that is large, on a sample of `border::values_to_call_dead` rows: who is silent there is dead, who
/// is not is not.
void recount_silence(observe::WatchLog& log, nn::Sequential& model, const data::Dataset& data);

}  // namespace rectify::diagnose
