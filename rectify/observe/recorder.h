// A Listener that fills a RunLog: metrics per epoch, and per layer histograms of outputs and weight gradients and firing rates on a fixed sample.
#pragma once

#include "rectify/nn/loss.h"
#include "rectify/observe/run_log.h"
#include "rectify/train/trainer.h"

namespace rectify::observe {

class Recorder : public train::Listener {
 public:
  /// `sample` is how many training samples the snapshots look at.
  explicit Recorder(nn::Loss loss, int64_t sample = 512);
  void on_start(nn::Module& model, const data::Dataset& data) override;
  void on_epoch(nn::Module& model, const train::EpochInfo& info) override;
  const RunLog& log() const { return log_; }

 private:
  void take_snapshot(nn::Module& model, int64_t epoch, int64_t step);
  void thin();
  nn::Loss loss_;
  int64_t sample_size_;
  int64_t stride_ = 1;  // epochs between two snapshots that stay; the latest is always there
  data::Part sample_;
  RunLog log_;
};

}  // namespace rectify::observe
