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
  int64_t from_step = 0;             ///< where the forks began, of which the one that won goes on as the training
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
/// What proofs and what is given up for them may take: as many steps as are planned, and where few are, at least these; for warnings this share of it.
inline constexpr int64_t least_steps_for_proofs = 15 * fewest_fork_batches;
inline constexpr double share_for_warnings = 0.75;
int64_t steps_for_proofs(Level level, int64_t planned_steps);

/// So many steps into a training what is only a warning is worth a proof: by then a healthy network shows that it learns.
inline constexpr int64_t steps_before_warnings_are_proven = 200;
/// When a warning is worth a proof: before training, when a healthy network would have shown that it learns, and once more in the second half of the training.
enum class ProofTime { none, beginning, early, late };
ProofTime proof_time(int64_t steps_taken, int64_t planned_steps);

/// Trains to the planned end as fit() does. Each fault interrupts the training, and so does each warning that is worth a proof: remedies are tried on forks (repair()), and it goes on from
/// the end of the fork that is adopted. Where steps have broken something the forks begin at the last copy from before the fault.
///
/// At most `most_repairs` are adopted; a cause for which nothing was proven is tried again at the next ProofTime, and when its warning has become a fault. Altogether the training takes at
/// most steps_for_proofs() more steps than planned. Deterministic. Listeners are told of each part of the training from its start; their on_start() sees the run anew after each remedy.
Mended train_and_repair(train::Prepared run, std::span<train::Listener* const> listeners = {});

}  // namespace rectify::diagnose
