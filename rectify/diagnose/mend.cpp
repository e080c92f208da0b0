#include "rectify/diagnose/mend.h"

#include <algorithm>
#include <deque>
#include <set>

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

bool calls_for_repair(const std::vector<Finding>& findings, Level least, const std::set<Cause>& given_up) {
  return !findings.empty() && findings.front().level >= least && !given_up.contains(findings.front().cause);
}

}  // namespace

Mended train_and_repair(train::Prepared run, std::span<train::Listener* const> listeners) {
  Mended mended;
  const int64_t batches = (run.data.train.size() + run.options.batch - 1) / run.options.batch;
  mended.planned_steps = batches * run.options.epochs - run.options.first_step;
  const std::atomic<bool>* const outer = run.options.stop;
  std::set<Cause> given_up;
  size_t adopted = 0;
  for (;;) {
    StopSwitch stop(outer);
    run.options.stop = stop.flag();
    const int64_t begin = run.options.first_step;
    std::vector<Finding> found;
    int64_t found_at = begin;
    Subject subject;
    std::optional<LiveDiagnosis> live;
    // Before the first step a warning is enough: nothing is lost by looking.
    live.emplace(run, [&](const std::vector<Finding>& findings, int64_t step) {
      if (!found.empty() || adopted == most_repairs || !calls_for_repair(findings, step == begin ? Level::warning : Level::fault, given_up)) return;
      found = findings;
      found_at = step;
      stop.stop();
    });
    Copies copies(run, outer);
    std::vector<train::Listener*> all(listeners.begin(), listeners.end());
    all.insert(all.end(), {&copies, &*live, &stop});
    mended.result = train::fit(run.model, *run.optimiser, run.data, run.options, all);
    mended.log = live->log();
    const std::vector<Finding> at_end = live->findings_at_end(mended.result);
    const int64_t end = mended.log.windows.empty() ? begin : mended.log.windows.back().last_step;
    mended.steps += end - begin;
    if (found.empty() && mended.result.diverged && adopted < most_repairs && calls_for_repair(at_end, Level::fault, given_up)) found = at_end, found_at = end;
    mended.findings = at_end;
    if (found.empty() || stop.by_outer()) break;

    subject = live->subject();
    if (mended.result.diverged) subject.diverged = mended.result.divergence;
    const int64_t since = found.front().since_step;
    const auto window = std::ranges::find_if(mended.log.windows, [&](const observe::Window& one) { return one.last_step >= since; });
    const int64_t well_until = since <= begin || window == mended.log.windows.end() ? begin : window->first_step;
    const Checkpoint& checkpoint = copies.before(well_until);
    Repair repair = diagnose::repair(checkpoint, found, subject);
    mended.steps += repair.steps;
    mended.interruptions.push_back({.step = found_at, .from_step = checkpoint.step, .findings = with_proof(found, repair), .attempts = repair.attempts, .adopted = repair.adopted, .fork_steps = repair.steps});
    live.reset();
    if (repair.adopted) {
      ++adopted;
      run = std::move(repair.checkpoint.run);
      run.options.first_step = repair.checkpoint.step;
    } else {
      given_up.insert(found.front().cause);
      if (mended.result.diverged) break;
      run.options.first_step = end;
    }
  }
  run.options.stop = outer;
  mended.run = std::move(run);
  return mended;
}

}  // namespace rectify::diagnose
