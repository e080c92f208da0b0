#include "cli/live_diagnosis.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "rectify/diagnose/diagnose.h"

namespace rectify::cli {
namespace {

constexpr int64_t first_look = 50;

}  // namespace

LiveDiagnosis::LiveDiagnosis(train::Prepared& run, const observe::Watch& watch) : run_(run), watch_(watch), next_step_(first_look) {}

void LiveDiagnosis::on_start(nn::Module&, const data::Dataset&) {
  beginning_ = diagnose::subject_of(run_);
  tell(beginning_, diagnose::Level::warning);
}

void LiveDiagnosis::on_step(nn::Module&, const train::StepInfo& info, std::span<const Tensor>) {
  if (info.step < next_step_) return;
  next_step_ *= 2;
  tell(diagnose::with_log(beginning_, watch_.log()), diagnose::Level::fault);
}

void LiveDiagnosis::tell(const diagnose::Subject& subject, diagnose::Level least) {
  for (const diagnose::Finding& finding : diagnose::diagnose(subject)) {
    if (finding.level < least || !told_.insert(finding.cause).second) continue;
    say(fmt::format("{}: {}{}, cause {}.{}", name(finding.level), name(finding.symptom), finding.layer_name.empty() ? "" : " in " + finding.layer_name, name(finding.cause),
                    finding.remedy.empty() ? "" : " To do: " + finding.remedy + "."));
  }
}

}  // namespace rectify::cli
