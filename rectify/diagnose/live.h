// Diagnosis while a network trains.
#pragma once

#include <functional>
#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/observe/watch.h"

namespace rectify::diagnose {

/// A Listener that watches a training, and looks at what the watch has seen every `early_interval` steps at first and then every `later_interval`. The training's bits do not change.
class LiveDiagnosis final : public train::Listener {
 public:
  static constexpr int64_t early_steps = 200, early_interval = 20, later_interval = 100;
  using Tell = std::function<void(const std::vector<Finding>& findings, int64_t step)>;

  /// `run` stands where the training begins, after run.options.first_step steps; it must outlive this. `tell` is called with all findings at the beginning and at every look.
  LiveDiagnosis(train::Prepared& run, Tell tell);
  void on_start(nn::Module& model, const data::Dataset& data) override;
  void on_step(nn::Module& model, const train::StepInfo& info, std::span<const Tensor> gradients) override;

  /// The training as far as it is known.
  Subject subject() const;
  observe::WatchLog log() const { return watch_.log(); }
  /// The findings when it is over, with how it ended.
  std::vector<Finding> findings_at_end(const train::TrainResult& result);

 private:
  /// Where something is wrong, units that fell silent of late are looked at on a sample: the watch has not seen enough of them yet.
  std::vector<Finding> look(Subject now);

  train::Prepared& run_;
  Tell tell_;
  observe::Watch watch_;
  Subject beginning_;
};

}  // namespace rectify::diagnose
