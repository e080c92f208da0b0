// What a person sees while a network trains: a bar on a terminal, one plain line per epoch otherwise, all on standard error.
#pragma once

#include <chrono>
#include <string>

#include "rectify/train/trainer.h"

namespace rectify::cli {

class Progress : public train::Listener {
 public:
  /// `terminal`: whether standard error is one.
  explicit Progress(bool classification, bool terminal);
  void on_step(nn::Module& model, const train::StepInfo& info, std::span<const Tensor> gradients) override;
  void on_epoch(nn::Module& model, const train::EpochInfo& info) override;
  /// Removes an unfinished bar, so that what follows begins on a line of its own.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  bool classification_, terminal_, bar_shown_ = false;
  Clock::time_point start_ = Clock::now(), last_drawn_{};
};

/// Whether standard error is a terminal.
bool on_terminal();

}  // namespace rectify::cli
