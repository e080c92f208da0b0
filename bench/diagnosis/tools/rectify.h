// Our own diagnosis beside those of others: an examination before the first step, a watch, and a look at both every few steps.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "bench/diagnosis/tools/tool.h"
#include "rectify/diagnose/diagnose.h"
#include "rectify/observe/watch.h"

namespace bench::diagnosis {

class Rectify final : public Tool {
 public:
  explicit Rectify(const Watched& watched);

  void on_start(rectify::nn::Module& model, const rectify::data::Dataset& data) override;
  void on_step(rectify::nn::Module& model, const rectify::train::StepInfo& info, std::span<const rectify::Tensor> gradients) override;
  void on_end(rectify::nn::Module& model, const rectify::train::TrainResult& result) override;

  /// Becomes true when a fault is found: for TrainOptions::stop.
  const std::atomic<bool>& found() const { return found_; }
  /// What the verdict was drawn from; empty without one.
  const std::vector<rectify::diagnose::Finding>& findings() const { return findings_; }
  const rectify::diagnose::Subject& subject() const { return subject_; }

 private:
  /// Looks at the run as it is after `step` steps.
  void look(rectify::nn::Module& model, int64_t step, const std::optional<std::string>& diverged = std::nullopt);
  Verdict verdict_on(rectify::nn::Module& model, int64_t step) const;

  rectify::diagnose::Subject task_;  ///< what does not change: optimiser, batch
  const rectify::data::Dataset* data_ = nullptr;
  std::optional<rectify::observe::Watch> watch_;
  rectify::observe::Window probe_;
  int64_t steps_ = 0;
  std::optional<int64_t> warned_;
  std::atomic<bool> found_ = false;
  std::vector<rectify::diagnose::Finding> findings_;
  rectify::diagnose::Subject subject_;
};

}  // namespace bench::diagnosis
