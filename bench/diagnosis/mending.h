// A training that is repaired while it runs: at the first fault it stops, remedies are proven on forks, and it goes on with the best of them to its planned end.
#pragma once

#include <string>

#include "bench/diagnosis/trial.h"

namespace bench::diagnosis {

struct Mended {
  Outcome outcome;
  std::string adopted;      ///< the remedy; "" if none was proven, or nothing was found
  bool found = false;       ///< a fault, so that remedies were tried
  int64_t fork_steps = 0;   ///< spent on the proof
  int64_t planned_steps = 0;

  /// Steps of the training and its forks / steps of the training.
  double compute() const { return 1 + static_cast<double>(fork_steps) / static_cast<double>(planned_steps); }
};

Mended mend(const Case& sick, uint64_t seed);

}  // namespace bench::diagnosis
