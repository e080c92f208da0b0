// The benchmark as a whole: every trial that the tables need, taken from the files of results or made.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "bench/diagnosis/labels.h"
#include "bench/diagnosis/mending.h"
#include "bench/diagnosis/results.h"
#include "bench/diagnosis/tools/tool.h"

namespace bench::diagnosis {

/// Rules are tuned on the even architectures with the even seeds, and reported on the odd ones with the odd seeds: neither a network nor a seed is in both.
enum class Half { tuning, reporting };
bool is_in(Half half, const Case& each, uint64_t seed);

struct StudyOptions {
  std::filesystem::path folder = "build/bench/diagnosis";  ///< of data and results
  int threads = 2;
  bool subset = false;    ///< every seventh case
  std::string only = "";  ///< only cases whose name contains this
  Half half = Half::reporting;
};

/// A case with what its ten trainings say of it.
struct Labelled {
  Case planted;
  Outcomes outcomes, twin;
  Harm harm = {};         ///< of a fault
  bool healthy = false;   ///< of a control
  std::vector<rectify::diagnose::Cause> causes = {};  ///< of a harmful fault: those of which a single fix cures or, if none does, what was planted
};

/// What the tools said of one training.
struct Judged {
  const Labelled* labelled = nullptr;
  uint64_t seed = 0;
  std::map<std::string, Verdict> verdicts;  ///< by tool
  std::optional<Mended> mended = std::nullopt;  ///< of a harmful fault
};

/// The benchmark's trials. Each call takes what is in the files of results from there and makes the rest.
class Study {
 public:
  explicit Study(StudyOptions options);

  /// Trains every case and its twin with every seed: trainings.jsonl.
  void label();
  /// Tries the single fixes of every harmful fault of the half, three seeds each: fixes.jsonl. The first that cures ends the search for its cause.
  void find_causes();
  /// Has a training with each tool for every case of the half that has a label: rectify.jsonl and others.jsonl.
  void judge();
  /// Repairs every training of a harmful fault of the half, after judge(): repairs.jsonl.
  void repair();
  /// Removes what Rectify said and repaired, since its rules have changed.
  void forget_ours() const;

  /// The tools that are asked: all of them, or ours alone where rules are tuned.
  std::span<const Competitor> asked() const;
  const StudyOptions& options() const { return options_; }
  const std::vector<Labelled>& labelled() const { return labelled_; }
  const std::vector<Judged>& judged() const { return judged_; }

 private:
  bool has_trial_in_half(const Case& each) const;
  StudyOptions options_;
  std::vector<Labelled> labelled_;
  std::vector<Judged> judged_;
};

}  // namespace bench::diagnosis
