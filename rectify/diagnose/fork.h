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

/// How a comparison makes sure that the network without does not get there by itself.
enum class Look {
  none,     ///< harm was seen, or is certain
  later,    ///< after `patience` times the batches
  further,  ///< and by the end of the training, if its loss goes on falling by the same share in as many steps: for networks that may be merely slow
};

/// What came out for a remedy, and the training with it, which can go on from there.
struct Comparison {
  ForkResult result;
  Checkpoint end;
};

class ForkTests {
 public:
  ForkTests(const Checkpoint& checkpoint, int64_t batches) : checkpoint_(checkpoint), batches_(batches) {}
  /// Compares with the checkpoint with the remedy applied, see fork_test().
  Comparison compare(const Checkpoint& changed, Look look = Look::later);
  /// The same after `patience` times the batches: both go on from where they are. What the network without would do later is taken from how its loss fell.
  Comparison go_on_comparing(const Checkpoint& changed, Comparison so_far);
  /// The steps that compare() would take: less where forks without have been taken already.
  int64_t cost(const Checkpoint& changed, Look look) const;
  /// Those of go_on_comparing().
  int64_t cost_of_going_on(const Checkpoint& changed) const;
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
  /// Whether the network without a remedy, of which losses are known after `batches_` and `patience` times as many, gets to where one with it was, by the planned end of the training.
  bool gets_there_by_itself(double soon, double later, double with) const;
  /// Losses with and without, and their difference.
  ForkResult result_of(const Checkpoint& changed, const Fork& without, const Fork& with, int64_t times) const;

  const Checkpoint& checkpoint_;
  int64_t batches_, steps_ = 0;
  std::map<int64_t, Without> without_;  // by their steps: those that change the batch need others
};

}  // namespace rectify::diagnose
