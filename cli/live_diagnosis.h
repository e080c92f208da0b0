// Says once, while a network trains, that something is wrong with it.
#pragma once

#include <set>

#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/observe/watch.h"

namespace rectify::cli {

/// Looks at the network before training and after 50, 100, 200, 400, ... steps, and says each fault (before training: each warning) once on standard error.
class LiveDiagnosis final : public train::Listener {
 public:
  /// Both must outlive it; `run` is not trained yet.
  LiveDiagnosis(train::Prepared& run, const observe::Watch& watch);
  void on_start(nn::Module& model, const data::Dataset& data) override;
  void on_step(nn::Module& model, const train::StepInfo& info, std::span<const Tensor> gradients) override;

 private:
  void tell(const diagnose::Subject& subject, diagnose::Level least);
  train::Prepared& run_;
  const observe::Watch& watch_;
  diagnose::Subject beginning_;
  int64_t next_step_;
  std::set<diagnose::Cause> told_;
};

}  // namespace rectify::cli
