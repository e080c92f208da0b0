// A case of the benchmark: a training as text, what is done to the network that the grammar cannot say, and what is true of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/diagnosis/samples.h"
#include "rectify/diagnose/finding.h"
#include "rectify/train/run.h"

namespace bench::diagnosis {

/// A network with a task that it learns: what is made sick, and the healthy twin.
struct Architecture {
  std::string name;
  Set set;
  std::string network, optimiser, loss = "cross_entropy";
  int64_t epochs = 60;  ///< of 16 steps
  double learnt = 0.6;  ///< the stated result: the share of the chance loss that a healthy training removes, see trial.h

  bool for_reporting = false;  ///< or rules are tuned on it
};

/// Twelve in pairs that are alike, of which one is tuned on and one reported, and six more to tune on.
const std::vector<Architecture>& architectures();
/// Throws ArgumentError for an unknown name.
const Architecture& architecture(const std::string& name);

/// Done to the network after it was initialised. A layer is counted among those with weights; none is all of them.
struct Edit {
  enum class Kind {
    scale_weights,  ///< by `amount`
    shift_biases,   ///< of the first `units` by `amount`
    freeze,
  } kind = Kind::scale_weights;
  std::optional<size_t> layer = std::nullopt;
  double amount = 1;
  int64_t units = 0;
};

/// What was planted.
struct Planted {
  std::string fault;             ///< class: "init_too_small"
  int severity = 0;              ///< 1 to 3
  std::optional<size_t> layer = std::nullopt;  ///< nothing if it is about all layers, or none
  int64_t units = 0;             ///< the first so many of the layer are made dead; 0 where that is not known beforehand
  std::vector<rectify::diagnose::Symptom> symptoms;  ///< of which at least one is expected
  std::vector<rectify::diagnose::Cause> causes;      ///< names for what was done; others may hold as well, see fixes.h
  int64_t onset = 0;             ///< the step after which it can be seen; 0: from the beginning
};

struct Case {
  std::string name;              ///< "init_too_small/tanh_2/3", "control/warm_up/tanh_2"
  std::string architecture;
  rectify::train::RunConfiguration run;  ///< the seed is the trial's
  std::vector<Edit> edits = {};
  std::optional<Planted> planted = std::nullopt;  ///< nothing: a healthy control
};

/// The architecture as it is. Files of data go to `folder`, which is part of the configuration's text.
Case healthy(const Architecture& architecture, const std::filesystem::path& folder);
/// Every fault class at every architecture that can have it, at three severities.
std::vector<Case> faults(const std::filesystem::path& folder);
/// Healthy networks that look sick to a simple rule, and the architectures as they are.
std::vector<Case> controls(const std::filesystem::path& folder);

/// Builds the run of a trial: prepares the configuration with this seed and makes the edits.
rectify::train::Prepared prepare(const Case& planted, uint64_t seed);

/// Text by which a changed case is told from the one that results are for.
std::string fingerprint(const Case& planted);

}  // namespace bench::diagnosis
