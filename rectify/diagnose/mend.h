// A training that is repaired while it runs.
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "rectify/diagnose/repair.h"
#include "rectify/observe/watch_log.h"

namespace rectify::diagnose {

/// One interruption of a training by findings.
struct Interruption {
  int64_t step = 0;                  ///< at which it was interrupted
  int64_t from_step = 0;             ///< where the forks began and, if something was adopted, the training went on: before the fault
  std::vector<Finding> findings;     ///< with the proof, if there is one
  std::vector<Attempt> attempts;
  std::optional<Remedy> adopted;
  int64_t fork_steps = 0;
};

struct Mended {
  train::Prepared run;                     ///< at its end, with what was adopted
  train::TrainResult result;               ///< since the last remedy
  observe::WatchLog log;                   ///< since the last remedy
  std::vector<Finding> findings;           ///< at the end
  std::vector<Interruption> interruptions;
  int64_t steps = 0;                       ///< all that were taken: of the training, of what was given up, and of forks
  int64_t planned_steps = 0;
};

inline constexpr size_t most_repairs = 3;
/// So many steps into a training what is only a warning is worth a proof: by then a healthy network shows that it learns.
inline constexpr int64_t steps_before_warnings_are_proven = 200;

/// Trains to the planned end as fit() does. Each fault interrupts the training, and so does, before the first step and from `steps_before_warnings_are_proven` on, each warning:
/// remedies are tried on forks (repair()) from the last copy from before the fault, and it goes on from there with the one that is adopted.
///
/// At most `most_repairs` are adopted; a cause for which nothing was proven before training is tried once more later, and no proof of a warning begins when proofs have taken half as many
/// steps as the training has, none of a fault when they have taken as many. Deterministic. Listeners are told of each part of the training from its start; their on_start() sees the run anew after each remedy.
Mended train_and_repair(train::Prepared run, std::span<train::Listener* const> listeners = {});

}  // namespace rectify::diagnose
