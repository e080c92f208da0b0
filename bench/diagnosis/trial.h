// One training of a case, and what came out.
#pragma once

#include <cstdint>
#include <span>

#include "bench/diagnosis/case.h"

namespace bench::diagnosis {

/// Seeds of the ten trials by which a case is labelled. Rules are tuned on the even ones, reported on the odd ones.
inline constexpr uint64_t seeds = 10;

struct Outcome {
  /// Of the training samples at the end, in evaluation mode, by the architecture's loss whatever loss was trained; +infinity if the training diverged or this is not finite.
  double loss = 0;
  /// The loss of the best answer that does not look at the input: the entropy of the classes, the variance of the numbers.
  double chance = 0;
  int64_t steps = 0;
  bool diverged = false;
  double seconds = 0;

  /// The share of the chance loss that was removed: 1 for a perfect network, 0 at chance or worse.
  double learnt() const;
};

double chance_loss(const rectify::data::Part& part, rectify::nn::Loss loss);
/// The outcome as if `run` had just been trained with this result.
Outcome outcome_of(rectify::train::Prepared& run, const rectify::train::TrainResult& result, rectify::nn::Loss measured_by);
/// Trains the case with this seed.
Outcome train(const Case& planted, uint64_t seed, std::span<rectify::train::Listener* const> listeners = {});
/// The architecture's loss.
rectify::nn::Loss measured_by(const Case& planted);

}  // namespace bench::diagnosis
