#include "rectify/diagnose/mend.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <tuple>

#include "rectify/diagnose/diagnose.h"
#include "rectify/diagnose/live.h"

namespace rectify::diagnose {
namespace {

/// Stops a training when something else does, or when it was told to.
class StopSwitch final : public train::Listener {
 public:
  explicit StopSwitch(const std::atomic<bool>* outer) : outer_(outer) {}
  void on_step(nn::Module&, const train::StepInfo&, std::span<const Tensor>) override {
    if (outer_ && outer_->load(std::memory_order_relaxed)) stop();
  }
  void stop() { stopped_.store(true, std::memory_order_relaxed); }
  const std::atomic<bool>* flag() const { return &stopped_; }
  bool by_outer() const { return outer_ && outer_->load(std::memory_order_relaxed); }

 private:
  const std::atomic<bool>* outer_;
  std::atomic<bool> stopped_{false};
};

/// Copies of a training from time to time, the latest few and the first.
class Copies final : public train::Listener {
 public:
  Copies(const train::Prepared& run, const std::atomic<bool>* stop) : run_(run), stop_(stop) { keep(run.options.first_step); }
  void on_step(nn::Module&, const train::StepInfo& info, std::span<const Tensor>) override {
    if (info.step % interval == 0) keep(info.step);
  }
  /// The latest from before the step, or else the first.
  const Checkpoint& before(int64_t step) const {
    const auto later = std::ranges::find_if(copies_, [&](const Checkpoint& copy) { return copy.step >= step; });
    return later == copies_.begin() ? *later : *std::prev(later);
  }

 private:
  static constexpr int64_t interval = 20;
  static constexpr size_t most = 12;

  void keep(int64_t step) {
    copies_.push_back(checkpoint_of(run_, step));
    // What stops the training does not stop its forks.
    copies_.back().run.options.stop = stop_;
    if (copies_.size() > most) copies_.erase(copies_.begin() + 1);
  }
  const train::Prepared& run_;
  const std::atomic<bool>* stop_;
  std::deque<Checkpoint> copies_;
};

/// What interrupted a training.
struct Fault {
  std::vector<Finding> findings;
  int64_t step = 0, begin = 0;  ///< begin: of the training since the last remedy
  Subject subject;
  Checkpoint before;
};

/// Whether it pays to go back to before a fault: where what was learnt since is worth nothing.
bool spoils_what_is_learnt(Cause cause) {
  constexpr std::array causes{Cause::init_too_small, Cause::init_too_large, Cause::init_symmetric, Cause::bias_too_negative, Cause::input_not_scaled, Cause::learning_rate_too_high,
                              Cause::activation_explodes};
  return std::ranges::find(causes, cause) != causes.end();
}

class Mending {
 public:
  Mending(train::Prepared run, std::span<train::Listener* const> listeners) : listeners_(listeners), outer_stop_(run.options.stop) {
    first_step_ = run.options.first_step;
    mended_.planned_steps = planned_steps(run) - first_step_;
    mended_.run = std::move(run);
  }

  Mended finish() {
    while (const std::optional<Fault> fault = train()) {
      if (!treat(*fault)) break;
    }
    mended_.run.options.stop = outer_stop_;
    return std::move(mended_);
  }

 private:
  bool calls_for_repair(const std::vector<Finding>& findings, Level least, ProofTime time) const {
    return adopted_ < most_repairs && !findings.empty() && findings.front().level >= least && !given_up_.contains({findings.front().cause, findings.front().level, time});
  }

  /// The steps that forks from this one may take.
  int64_t left_for_forks(Level level, int64_t from_step) const {
    const int64_t extra = mended_.steps - (from_step - first_step_);
    return steps_for_proofs(level, mended_.planned_steps) - extra;
  }

  /// Goes on to the end, or to what calls for a repair.
  std::optional<Fault> train() {
    train::Prepared& run = mended_.run;
    const int64_t begin = run.options.first_step;
    StopSwitch stop(outer_stop_);
    run.options.stop = stop.flag();
    Fault fault;
    LiveDiagnosis live(run, [&](const std::vector<Finding>& findings, int64_t step) {
      const ProofTime time = time_of(step, begin);
      if (!fault.findings.empty() || !calls_for_repair(findings, time == ProofTime::none ? Level::fault : Level::warning, time)) return;
      fault.findings = findings;
      fault.step = step;
      fault.begin = begin;
      stop.stop();
    });
    Copies copies(run, outer_stop_);
    std::vector<train::Listener*> listeners(listeners_.begin(), listeners_.end());
    listeners.insert(listeners.end(), {&copies, &live, &stop});
    mended_.result = train::fit(run.model, *run.optimiser, run.data, run.options, listeners);
    mended_.log = live.log();
    mended_.findings = live.findings_at_end(mended_.result);
    end_ = mended_.log.windows.empty() ? begin : mended_.log.windows.back().last_step;
    mended_.steps += end_ - begin;
    if (fault.findings.empty() && mended_.result.diverged && calls_for_repair(mended_.findings, Level::fault, time_of(end_, begin))) {
      fault.findings = mended_.findings;
      fault.step = end_;
      fault.begin = begin;
    }
    if (fault.findings.empty() || stop.by_outer()) return std::nullopt;
    fault.subject = live.subject();
    if (mended_.result.diverged) fault.subject.diverged = mended_.result.divergence;
    fault.before = spoils_what_is_learnt(fault.findings.front().cause) || mended_.result.diverged ? copy(copies.before(well_until(fault.findings.front(), begin))) : checkpoint_of(run, end_);
    fault.before.run.options.stop = outer_stop_;
    return fault;
  }

  /// A training that goes on with a remedy begins anew.
  ProofTime time_of(int64_t step, int64_t begin) const { return step == begin ? ProofTime::beginning : proof_time(step - first_step_, mended_.planned_steps); }

  /// The first step of the window in which it was first seen.
  int64_t well_until(const Finding& finding, int64_t begin) const {
    const std::vector<observe::Window>& windows = mended_.log.windows;
    const auto seen = std::ranges::find_if(windows, [&](const observe::Window& window) { return window.last_step >= finding.since_step; });
    return finding.since_step <= begin || seen == windows.end() ? begin : seen->first_step;
  }

  /// False if the training cannot go on.
  bool treat(const Fault& fault) {
    Repair repair = diagnose::repair(fault.before, fault.findings, fault.subject, left_for_forks(fault.findings.front().level, fault.before.step));
    mended_.steps += repair.steps;
    mended_.interruptions.push_back({.step = fault.step, .from_step = fault.before.step, .findings = with_proof(fault.findings, repair), .attempts = repair.attempts,
                                     .adopted = repair.adopted, .fork_steps = repair.steps});
    if (repair.adopted) {
      ++adopted_;
      mended_.run = std::move(repair.checkpoint.run);
      mended_.run.options.first_step = repair.checkpoint.step;
      return true;
    }
    given_up_.insert({fault.findings.front().cause, fault.findings.front().level, time_of(fault.step, fault.begin)});
    mended_.run.options.first_step = end_;
    return !mended_.result.diverged;
  }

  Mended mended_;
  std::span<train::Listener* const> listeners_;
  const std::atomic<bool>* outer_stop_;
  std::set<std::tuple<Cause, Level, ProofTime>> given_up_;
  size_t adopted_ = 0;
  int64_t first_step_ = 0, end_ = 0;
};

}  // namespace

int64_t steps_for_proofs(Level level, int64_t planned_steps) {
  const int64_t all = std::max(planned_steps, least_steps_for_proofs);
  return level == Level::fault ? all : static_cast<int64_t>(share_for_warnings * static_cast<double>(all));
}

ProofTime proof_time(int64_t steps_taken, int64_t planned_steps) {
  if (steps_taken == 0) return ProofTime::beginning;
  if (steps_taken < steps_before_warnings_are_proven) return ProofTime::none;
  return steps_taken < planned_steps / 2 ? ProofTime::early : ProofTime::late;
}

Mended train_and_repair(train::Prepared run, std::span<train::Listener* const> listeners) { return Mending(std::move(run), listeners).finish(); }

}  // namespace rectify::diagnose
