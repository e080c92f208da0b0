// The trainings of fork tests from one checkpoint, and how they are compared: the one without a remedy is done once for all remedies. For the files of this folder.
#pragma once

#include <map>
#include <vector>

#include "rectify/diagnose/repair.h"

namespace rectify::diagnose {

/// A training that went on for some steps, seen four times near the end of them.
struct Fork {
  std::vector<nn::Sequential> models;  ///< fewer than four if it diverged
  bool finite = true;
  Checkpoint end;
};

class ForkTests {
 public:
  ForkTests(const Checkpoint& checkpoint, int64_t batches) : checkpoint_(checkpoint), batches_(batches) {}
  /// Compares with the checkpoint with the remedy applied, see fork_test(). Without the look at the network later, for faults, a remedy that needs it is not said to
  /// help.
  ForkResult compare(const Checkpoint& changed, bool look_later = true);
  /// Taken so far, all forks together.
  int64_t steps() const { return steps_; }

 private:
  struct Without {
    Fork fork;
    std::optional<Fork> later;
  };
  Fork go_on(const Checkpoint& checkpoint, int64_t steps);
  Without& without(int64_t steps);
  const Fork& later(int64_t steps);

  const Checkpoint& checkpoint_;
  int64_t batches_, steps_ = 0;
  std::map<int64_t, Without> without_;  // by their steps: those that change the batch need others
};

}  // namespace rectify::diagnose
