#include "rectify/diagnose/live.h"

#include <algorithm>

#include "rectify/diagnose/diagnose.h"
#include "rectify/diagnose/silence.h"

namespace rectify::diagnose {

LiveDiagnosis::LiveDiagnosis(train::Prepared& run, Tell tell) : run_(run), tell_(std::move(tell)), watch_(run.model, {.first_step = run.options.first_step}), beginning_(subject_of(run)) {}

Subject LiveDiagnosis::subject() const { return with_log(beginning_, watch_.log()); }

void LiveDiagnosis::on_start(nn::Module&, const data::Dataset&) { tell_(diagnose(beginning_), run_.options.first_step); }

void LiveDiagnosis::on_step(nn::Module& model, const train::StepInfo& info, std::span<const Tensor> gradients) {
  watch_.on_step(model, info, gradients);
  const int64_t taken = info.step - run_.options.first_step;
  if (taken % (taken <= early_steps ? early_interval : later_interval) == 0) tell_(look(subject()), info.step);
}

std::vector<Finding> LiveDiagnosis::look(Subject now) {
  std::vector<Finding> findings = diagnose(now);
  const bool silence = std::ranges::any_of(now.log.units, [](const auto& units) { return std::ranges::any_of(units, [](const observe::UnitHistory& unit) { return unit.silent_values > 0; }); });
  if (!silence || findings.empty() || findings.front().level == Level::info) return findings;
  recount_silence(now.log, run_.model, run_.data);
  return diagnose(now);
}

std::vector<Finding> LiveDiagnosis::findings_at_end(const train::TrainResult& result) {
  Subject now = subject();
  if (result.diverged) now.diverged = result.divergence;
  return look(std::move(now));
}

}  // namespace rectify::diagnose
