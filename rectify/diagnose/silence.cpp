#include "rectify/diagnose/silence.h"

#include <algorithm>

#include "rectify/diagnose/subject.h"
#include "rectify/diagnose/thresholds.h"
#include "rectify/train/model_state.h"

namespace rectify::diagnose {
namespace {

constexpr int64_t rows_at_once = 1000;

/// The place at which a path's units have their outputs.
size_t output_place(const Path& path) { return path.activation.value_or(path.layer); }

}  // namespace

std::vector<Path> hidden_paths(nn::Sequential& model) {
  std::vector<Path> paths;
  for (const size_t place : weighted_places(model)) {
    if (const std::optional<Path> path = path_from(model, place)) paths.push_back(*path);
  }
  return paths;
}

std::vector<Silence> silent_units(nn::Sequential& model, const std::vector<Path>& paths, const Tensor& input) {
  const NoGrad constant;
  const train::EvaluationMode mode(model);
  std::vector<Silence> silent(paths.size());
  for (int64_t begin = 0; begin < input.size(0); begin += rows_at_once) {
    Tensor value = input.rows(begin, std::min(input.size(0), begin + rows_at_once));
    for (size_t place = 0, path = 0; path < paths.size(); ++place) {
      value = model[place](value);
      if (place != output_place(paths[path])) continue;
      const int64_t units = value.size(-1);
      Silence& found = silent[path++];
      if (found.units.empty()) found.units.assign(static_cast<size_t>(units), true);
      found.values += value.size() / units;
      const float* values = value.data<float>();
      for (int64_t i = 0; i < value.size(); ++i) {
        if (values[i] != 0) found.units[static_cast<size_t>(i % units)] = false;
      }
    }
  }
  return silent;
}

void recount_silence(observe::WatchLog& log, nn::Sequential& model, const data::Dataset& data) {
  const std::vector<Silence> silent = silent_units(model, hidden_paths(model), sample_of(model, data, border::values_to_call_dead).input);
  for (size_t layer = 0; layer < std::min(silent.size(), log.units.size()); ++layer) {
    for (size_t unit = 0; unit < std::min(silent[layer].units.size(), log.units[layer].size()); ++unit) {
      observe::UnitHistory& history = log.units[layer][unit];
      if (!silent[layer].units[unit]) {
        history = {};
      } else {
        if (history.silent_values == 0) history.silent_since = log.windows.back().last_step;
        history.silent_values = std::max(history.silent_values + silent[layer].values, border::values_to_call_dead);
      }
    }
  }
}

}  // namespace rectify::diagnose
