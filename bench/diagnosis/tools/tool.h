// What looks at a training: the rules of others, and ours. All are asked the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/diagnosis/case.h"

namespace bench::diagnosis {

/// What a tool said of a training.
struct Verdict {
  std::string problem = "";      ///< in its own words; empty: nothing is wrong
  int64_t step = 0;              ///< after which it was said, 0: before the first
  std::optional<size_t> layer = std::nullopt;  ///< among those with weights
  std::vector<int64_t> units = {};
  std::optional<rectify::diagnose::Cause> cause = std::nullopt, second_cause = std::nullopt;  ///< where its advice amounts to one

  std::optional<rectify::diagnose::Symptom> symptom = std::nullopt;  ///< the problem, of a tool that has our words
  std::optional<double> confidence = std::nullopt;                   ///< that the cause is right, of a tool that says it
  /// The units of that layer that were in truth 0 for every training sample when it was said; for a tool that names units.
  std::vector<int64_t> dead_units = {};
  /// After which step it first said so as a guess, without being sure; `step` if it never did.
  std::optional<int64_t> warned = std::nullopt;

  bool alarm() const { return !problem.empty(); }
};

/// Listens to one training. It may compute what it needs on the side, but must leave the model as it is.
class Tool : public rectify::train::Listener {
 public:
  /// The training has ended.
  virtual void on_end(rectify::nn::Module& model, const rectify::train::TrainResult& result) { (void)model, (void)result; }
  /// The first thing that it said, or nothing.
  const Verdict& verdict() const { return verdict_; }

 protected:
  /// Only the first counts.
  void say(const Verdict& verdict) {
    if (!verdict_.alarm()) verdict_ = verdict;
  }

 private:
  Verdict verdict_;
};

/// The run that will be watched, ready to train, and the case, from which another like it can be made.
struct Watched {
  const Case& planted;
  rectify::train::Prepared& run;
  uint64_t seed = 0;
};

/// Ours.
std::unique_ptr<Tool> rectify_itself(const Watched& watched);
// The rules of others, from their published code and thresholds: see each file.
std::unique_ptr<Tool> auto_trainer(const Watched& watched);
std::unique_ptr<Tool> deep_diagnosis(const Watched& watched);
std::unique_ptr<Tool> sagemaker_debugger(const Watched& watched);
std::unique_ptr<Tool> the_deep_checker(const Watched& watched);

struct Competitor {
  const char* name;
  std::unique_ptr<Tool> (*make)(const Watched& watched);
};
/// Ours first.
inline constexpr Competitor competitors[] = {
    {"Rectify", rectify_itself}, {"AutoTrainer", auto_trainer}, {"DeepDiagnosis", deep_diagnosis}, {"SageMaker Debugger", sagemaker_debugger}, {"TheDeepChecker", the_deep_checker}};

}  // namespace bench::diagnosis
