// The benchmark as a whole: every trial that the tables need, taken from the files of results or made.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bench/diagnosis/labels.h"
#include "bench/diagnosis/results.h"

namespace bench::diagnosis {

struct StudyOptions {
  std::filesystem::path folder = "build/bench/diagnosis";  ///< of data and results
  int threads = 2;
  bool subset = false;    ///< some of the cases: every seventh fault and control, see cases_of()
  std::string only = "";  ///< only cases whose name contains this
};

/// A case with what its ten trainings say of it.
struct Labelled {
  Case planted;
  Outcomes outcomes;
  Harm harm = {};         ///< of a fault
  bool healthy = false;   ///< of a control
};

/// All cases that the options ask for: faults first.
std::vector<Case> cases_of(const StudyOptions& options);

/// Trains every case and its twin with every seed; what is already in trainings.jsonl is taken from there.
std::vector<Labelled> label(const StudyOptions& options);

/// The outcomes of the twins by architecture, out of what label() has made; a twin is the control "as_it_is".
Outcomes twin_outcomes(const std::string& architecture, const StudyOptions& options);

}  // namespace bench::diagnosis
