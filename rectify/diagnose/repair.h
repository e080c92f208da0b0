// Remedies of the textbooks, and the proof that one helps: the same training from the same state over the same batches, with it and without.
#pragma once

#include <cstdint>
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
  set_learning_rate,
  clip_gradient,
  standardise_input,
  reinitialise,          ///< calibrated to the activation that follows, then scaled layer by layer to unit variance on a sample (LSUV)
  swap_activation,       ///< with weights and bias of the next layer fitted so that its input keeps mean and variance
  remove_output_activation,
  correct_loss,
  change_batch,
};
std::string_view name(Change change);

struct Remedy {
  Change change = Change::reinitialise;
  std::optional<size_t> layer;      ///< nothing: all layers it can be done to
  std::vector<int64_t> units;
  double number = 0;                ///< learning rate, clip, batch
  std::string text;                 ///< activation, loss
};
/// "set the learning rate to 0.003"
std::string to_string(const Remedy& remedy);

/// A training at some step: enough to go on, and to go on differently.
struct Checkpoint {
  train::Prepared run;                ///< configuration, data, model with its weights now, optimiser with its moments
  int64_t step = 0;                   ///< steps taken so far; the next batch follows from it
};
/// Another with tensors of its own.
Checkpoint copy(const Checkpoint& checkpoint);

/// The remedies for a finding, least invasive first, of which each alone should do.
std::vector<Remedy> remedies_for(const Finding& finding, const Subject& subject);

/// The checkpoint with the remedy applied; configuration and network text say the same as the model. Throws ArgumentError if it cannot be applied there.
Checkpoint apply(const Remedy& remedy, const Checkpoint& checkpoint);

/// Loss differences of samples that were held out, with the remedy minus without, after both went on over the same batches.
struct ForkResult {
  int64_t batches = 0, samples = 0;
  double loss_without = 0, loss_with = 0;      ///< means over the held-out samples, by the loss of the repaired run if that was corrected
  double difference = 0, low = 0, high = 0;    ///< mean of the paired differences and its 95 % interval
  bool helps = false;                          ///< high < 0, and the difference is at least `least_gain` of the way from the loss without to that of a perfect answer
};
ForkResult fork_test(const Checkpoint& checkpoint, const Remedy& remedy, int64_t batches = 48);

}  // namespace rectify::diagnose
