// Is a planted fault harmful, is a control healthy? Decided by the losses of ten trainings each, before any tool is asked.
#pragma once

#include <string>
#include <vector>

#include "bench/diagnosis/trial.h"

namespace bench::diagnosis {

/// The outcomes of a case, one per seed.
using Outcomes = std::vector<Outcome>;

struct Harm {
  double probability = 1;  ///< that the losses are as much worse as they are by chance: the exact test of significance.h
  double effect = 0;       ///< (median of the case - median of its twin) / (chance - median of the twin); infinite where most trainings diverged
  bool harmful = false;    ///< probability < 0.01 and effect >= 0.05
};
Harm harm(const Outcomes& faulty, const Outcomes& twin);

/// Every training of it reaches the architecture's stated result.
bool is_healthy(const Outcomes& control, const Architecture& architecture);

/// The share of the twin's gain over chance that a training has: (chance - loss) / (chance - median of the twin). 0 if it diverged.
double restored(double loss, const Outcomes& twin);
/// What counts as cured.
inline constexpr double cured = 0.95;

}  // namespace bench::diagnosis
