// A training that is repaired while it runs, by diagnose::train_and_repair().
#pragma once

#include <string>

#include "bench/diagnosis/trial.h"

namespace bench::diagnosis {

struct Mended {
  Outcome outcome = {};
  std::string adopted = {};  ///< what the remedies change, one after the other; "" if none was proven, or nothing was found
  bool found = false;        ///< something, so that remedies were tried
  int64_t steps = 0;         ///< of the training, of what was given up, and of the forks
  int64_t planned_steps = 0;

  double compute() const { return static_cast<double>(steps) / static_cast<double>(planned_steps); }
};

Mended mend(const Case& sick, uint64_t seed);

}  // namespace bench::diagnosis
