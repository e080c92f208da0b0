// Learning-rate schedules: a factor on the optimiser's learning rate as a function of the step. Reproducible: no library cosine or power.
#pragma once

#include <cstdint>
#include <string>

#include "rectify/base/specification.h"

namespace rectify::train {

/// constant | step(every=10, factor=0.1) (epochs) | cosine(minimum=0) (over the whole run) | spike(at=1, length=1, factor=100) (epochs; constant but for that accident, to learn from it),
/// each with warmup=0 (epochs; linear from 0).
struct Schedule {
  enum class Kind { constant, step, cosine, spike } kind = Kind::constant;
  double every = 10;     ///< epochs between two steps
  double factor = 0.1;   ///< of each step, or of the spike
  double begin = 1, length = 1;  ///< of the spike, in epochs
  double minimum = 0;    ///< the factor that the cosine ends at
  double warmup = 0;     ///< epochs

  /// The factor for optimiser step `step` (from 0) of `total_steps` in all, with `steps_per_epoch`.
  double at(int64_t step, int64_t steps_per_epoch, int64_t total_steps) const;
};

/// Throws ArgumentError for unknown names or values out of range.
Schedule schedule_from(const Specification& specification);
std::string to_string(const Schedule& schedule);

}  // namespace rectify::train
