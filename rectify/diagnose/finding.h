// A finding: what is wrong with a network, why, where, since when, how sure that is, and the one change to make.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::diagnose {

enum class Level {
  info,     ///< a symptom that does no harm that was seen
  warning,  ///< it is likely to do harm; no harm was measured yet
  fault,    ///< with evidence of harm: the loss stalls or diverges, or a fork with the remedy does better
};

enum class Symptom {
  vanishing_gradient, exploding_gradient, exploding_activation, saturated_units, dead_units, dying_units, zigzag, symmetric_units, linear_collapse, variance_drift, not_learning,
  oscillating_loss, non_finite,
};

enum class Cause {
  init_too_small, init_too_large, init_symmetric, activation_saturates, activation_explodes, activation_linear, activation_not_centred, learning_rate_too_high, learning_rate_too_low,
  input_not_scaled, bias_too_negative, output_activation_wrong, loss_mismatch, softmax_applied_twice, batch_too_small, depth_without_normalisation,
};

/// The names as they are written above.
std::string_view name(Level level);
std::string_view name(Symptom symptom);
std::string_view name(Cause cause);
std::optional<Level> find_level(std::string_view name);
std::optional<Symptom> find_symptom(std::string_view name);
std::optional<Cause> find_cause(std::string_view name);
/// All of them, in order.
std::vector<Symptom> all_symptoms();
std::vector<Cause> all_causes();

/// A number that speaks for the finding, beside the border that it crossed.
struct Evidence {
  std::string quantity;  ///< "share of saturated inputs", "update / weight"
  double measured = 0;
  double border = 0;
};

struct Finding {
  Level level = Level::info;
  Symptom symptom = Symptom::not_learning;
  Cause cause = Cause::init_too_small;
  std::optional<size_t> layer = {};       ///< place in WatchLog::layers; nothing if it is about the whole network, its input or its loss
  std::string layer_name = {};       ///< "layer 2, linear(64)"; "" without a layer
  std::vector<int64_t> units = {};        ///< which, where the symptom is one of units
  std::optional<int64_t> since_step = 0;  ///< when it was first seen; 0: before training; nothing where the training is not known
  std::vector<Evidence> evidence = {};
  double confidence = 0;             ///< that the symptom is there and this is its cause, from 0 to 1
  std::string remedy = {};                ///< the one change to make, as an instruction
  std::string expected_effect = {};       ///< what will be different
  std::vector<Finding> consequences = {}; ///< symptoms that follow from this one, in the order of time and depth
};

/// " in layer 2, linear(64), since step 412": what follows the symptom's name.
std::string place_and_time(const Finding& finding);

/// "fault: dead_units in layer 2, linear(64), since step 412 ..." in one line, then evidence and remedy, each on its line.
std::string to_string(const Finding& finding);
std::ostream& operator<<(std::ostream& stream, const Finding& finding);

}  // namespace rectify::diagnose
