// Remedies of the textbooks, and the proof that one helps: the same training from the same state over the same batches, with it and without.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/subject.h"
#include "rectify/train/run.h"

namespace rectify::diagnose {

/// What a remedy changes. In the order of how little they disturb: the first three leave the network's function as it is.
enum class Change {
  rescale_activation,    ///< f becomes (f - f(0)) / f'(0), the identity near 0; the next layer takes up the factor and the offset: 4 sigmoid - 2 for sigmoid
  recycle_units,         ///< dead units get new incoming weights and outgoing weights of 0
  insert_normalisation,  ///< batch_norm before each activation, begun as the identity on a sample
  hold_learning_rate,    ///< at what the schedule makes of it at the checkpoint
  set_learning_rate,
  clip_gradient,
  standardise_input,
  reinitialise,          ///< calibrated to the activation that follows, then scaled layer by layer to unit variance on a sample (LSUV)
  swap_activation,       ///< or the first one, where there is none; with weights and bias of the next layer fitted so that its input keeps mean and variance
  remove_output_activation,
  correct_loss,
  change_batch,
};
std::string_view name(Change change);

struct Remedy {
  Change change = Change::reinitialise;
  std::optional<size_t> layer = std::nullopt;  ///< nothing: all layers it can be done to
  std::vector<int64_t> units = {};
  double number = 0;                           ///< learning rate (0: by the curvature of the loss along the step, measured when it is applied), clip, batch
  std::string text = {};                       ///< activation, loss
  std::vector<Remedy> also = {};               ///< changes that are made after this one, where one alone would not do
};
/// "set the learning rate to 0.003"
std::string to_string(const Remedy& remedy);

/// A training at some step: enough to go on, and to go on differently.
struct Checkpoint {
  train::Prepared run;                ///< configuration, data, model with its weights now, optimiser with its moments
  int64_t step = 0;                   ///< steps taken so far; the next batch follows from it
};
/// A training as it is now, after so many steps, with tensors of its own.
Checkpoint checkpoint_of(const train::Prepared& run, int64_t step);
/// Another with tensors of its own.
Checkpoint copy(const Checkpoint& checkpoint);

/// The remedies for a finding, least invasive first, of which each alone should do.
std::vector<Remedy> remedies_for(const Finding& finding, const Subject& subject);

/// How many batches the forks of a training take: a twentieth of its steps, within these borders.
int64_t fork_batches(const Checkpoint& checkpoint);

/// The checkpoint with the remedy applied; configuration and network text say the same as the model. Throws ArgumentError if it cannot be applied there.
Checkpoint apply(const Remedy& remedy, const Checkpoint& checkpoint);

/// Loss differences of samples that were held out, with the remedy minus without, after both went on over the same batches. A sample's loss is the mean of those after 9, 10, 11 and 12
/// twelfths of the batches, so that one step up or down does not decide.
struct ForkResult {
  int64_t batches = 0, samples = 0;
  double loss_without = 0, loss_with = 0;      ///< means over the held-out samples, by the loss of the repaired run if that was corrected; infinite for a fork that diverged
  double difference = 0, low = 0, high = 0;    ///< mean of the paired differences and its 95 % interval by Student's t; both ends are the difference where a fork diverged
  double chance = 0;                           ///< the loss of the best answer that does not look at the input
  std::optional<double> loss_later;            ///< without, after `patience` times the batches; only looked at where the difference alone would prove the remedy
  bool helps = false;                          ///< see fork_test()
};
/// What a remedy must win beyond chance, since two trainings of a healthy network differ in their luck, and in how fast they begin, which the interval over samples does not know
/// (docs/decisions/repair.md).
inline constexpr double least_gain = 0.1;            ///< of the loss without, a perfect answer's being 0
inline constexpr double least_gain_of_chance = 0.05; ///< of the loss of the best answer that does not look at the input
inline constexpr double least_gain_of_fault = 0.01;  ///< of the loss without, where the loss has shown harm already
inline constexpr int64_t patience = 4;
inline constexpr int64_t fewest_fork_batches = 32, most_fork_batches = 64;
inline constexpr int64_t most_held_out = 1024;

/// Applies the remedy and lets both networks go on over the next batches of the training. The remedy helps if all of this holds:
/// - the interval of the difference lies below 0, and the difference is of a practical size: at least `least_gain` of the loss without and `least_gain_of_chance` of the chance loss;
/// - the network without does not get there soon by itself: after `patience` times the batches its samples' losses are still above those that the remedy reached, with 95 % confidence. A
///   healthy network does get there.
///
/// They are compared on the validation part or, without one, on training samples that none of these batches has or, if fewer than 100 are left, on the training part; never on the test part.
/// At most `most_held_out` samples. A remedy that changes the batch has both forks see as many samples as `batches` of the larger batch have.
///
/// `batches` is fork_batches() unless it is given. Deterministic. A fork that stops being finite loses against one that does not. Costs `batches` steps for each fork, where it is looked at
/// `patience` - 1 times as many again without, and four evaluations of the held-out samples for each. Throws as apply() does.
ForkResult fork_test(const Checkpoint& checkpoint, const Remedy& remedy, std::optional<int64_t> batches = {});

/// A remedy that was tried.
struct Attempt {
  size_t finding = 0;                 ///< number of the finding it is for
  Remedy remedy;
  std::optional<ForkResult> fork;     ///< nothing if it could not be applied
  bool proven = false;                ///< see repair()
  std::string refusal;                ///< and why
};

struct Repair {
  /// With the remedy, after the batches of its fork: a fork that wins is the training from there on. Where those go beyond the end of the training, where the fork began.
  Checkpoint checkpoint;
  std::optional<Remedy> adopted;      ///< nothing if none is proven: then the checkpoint is a copy
  std::vector<Attempt> attempts;      ///< the table of before and after
  int64_t steps = 0;                  ///< of all forks, the one that won among them
};
inline constexpr size_t most_findings = 2, most_remedies = 4;  ///< that are tried: findings, and remedies of each
inline constexpr double enough = 0.5;                          ///< a proven remedy that brings the loss below this share of the loss without, and of chance, ends the search
inline constexpr double as_good = 0.1;                         ///< of what the best has won from the loss without, or from chance: so far behind may be one that is less invasive

/// Tries the first remedies of the first findings by a fork test, which share the fork without, and adopts the one with the smallest loss; of those that are `as_good`, the least invasive.
/// Findings of level info are left alone.
///
/// What counts as proven: for a fault, of which the loss has shown harm, that the 95 % interval of the difference excludes 0 (and the difference `least_gain_of_fault`); for a warning, that
/// the remedy `helps` by a practical size, since of a network that learns any change is as likely to be luck. If nothing is proven the attempt that came
/// nearest gets `patience` times the batches; of a warning one that is ahead, and if the network without does not get there by itself. No fork begins that would take more than `most_steps`
/// with those before.
///
/// Causes that are mistakes whatever the training does (`is_a_mistake`) need no look at the network later.
Repair repair(const Checkpoint& checkpoint, const std::vector<Finding>& findings, const Subject& subject, int64_t most_steps = std::numeric_limits<int64_t>::max());

/// Wrong by how the task was set up, not by how the training went: a loss and an output that do not belong together, inputs that are not scaled, units that are all the same.
bool is_a_mistake(Cause cause);

/// The findings, those warnings as faults for which a remedy is proven, with the fork as evidence; faults first.
std::vector<Finding> with_proof(std::vector<Finding> findings, const Repair& repair);

}  // namespace rectify::diagnose
