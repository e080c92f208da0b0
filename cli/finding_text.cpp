#include "cli/finding_text.h"

#include <fmt/format.h>

#include "rectify/diagnose/finding_json.h"

namespace rectify::cli {
namespace {

std::string line_of(const diagnose::Attempt& attempt) {
  if (!attempt.fork) return fmt::format("  {:<60}  cannot be done: {}\n", to_string(attempt.remedy), attempt.refusal);
  const diagnose::ForkResult& fork = *attempt.fork;
  return fmt::format("  {:<60}  {:>9.4g}  {:>9.4g}  {:>9.4g} [{:.4g}, {:.4g}]  {}\n", to_string(attempt.remedy), fork.loss_without, fork.loss_with, fork.difference, fork.low, fork.high,
                     attempt.proven ? "proven" : "not proven");
}

Json json_of(const diagnose::Attempt& attempt) {
  Json json{{"remedy", to_string(attempt.remedy)}, {"proven", attempt.proven}};
  if (!attempt.fork) {
    json["refused"] = attempt.refusal;
    return json;
  }
  const diagnose::ForkResult& fork = *attempt.fork;
  json.update({{"loss_without", json_number(fork.loss_without)}, {"loss_with", json_number(fork.loss_with)}, {"difference", json_number(fork.difference)},
               {"low", json_number(fork.low)}, {"high", json_number(fork.high)}, {"samples", fork.samples}, {"batches", fork.batches}});
  return json;
}

}  // namespace

void TellsOnce::operator()(const std::vector<diagnose::Finding>& findings, int64_t step) {
  for (const diagnose::Finding& finding : findings) {
    if (finding.level < (step == 0 ? diagnose::Level::warning : diagnose::Level::fault) || !told_.insert(finding.cause).second) continue;
    say(fmt::format("{}: {}{}; cause: {}.{}", name(finding.level), name(finding.symptom), place_and_time(finding), name(finding.cause),
                    finding.remedy.empty() ? "" : " To do: " + finding.remedy + "."));
  }
}

std::string text_of(const diagnose::Interruption& interruption) {
  std::string text;
  for (const diagnose::Finding& finding : interruption.findings) text += diagnose::to_string(finding) + "\n";
  if (!interruption.attempts.empty()) text += fmt::format("  {:<60}  {:>9}  {:>9}  {}\n", fmt::format("tried from step {}", interruption.from_step), "without", "with", "difference [95 % interval]");
  for (const diagnose::Attempt& attempt : interruption.attempts) text += line_of(attempt);
  return text + (interruption.adopted ? fmt::format("\nAdopted at step {}: {}. The proof took {} steps.\n", interruption.from_step, to_string(*interruption.adopted), interruption.fork_steps)
                                      : fmt::format("\nNo remedy is proven to help; {} steps were spent to find out.\n", interruption.fork_steps));
}

Json json_of(const diagnose::Interruption& interruption) {
  Json attempts = Json::array();
  for (const diagnose::Attempt& attempt : interruption.attempts) attempts.push_back(json_of(attempt));
  return {{"step", interruption.step},
          {"from_step", interruption.from_step},
          {"findings", Json::parse(diagnose::to_json(interruption.findings))},
          {"attempts", std::move(attempts)},
          {"adopted", interruption.adopted ? Json(to_string(*interruption.adopted)) : Json(nullptr)},
          {"fork_steps", interruption.fork_steps}};
}

}  // namespace rectify::cli
