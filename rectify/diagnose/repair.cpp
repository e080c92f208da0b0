#include "rectify/diagnose/repair.h"

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/fork.h"

namespace rectify::diagnose {
namespace {

/// The share of the loss that a proven remedy won.
double gain(const ForkResult& fork) { return std::isfinite(fork.loss_without) ? 1 - fork.loss_with / fork.loss_without : 1; }

constexpr double close_to_best = 0.9;

/// The attempt to adopt: of the proven ones that won nearly as much as the best, the least invasive.
std::optional<size_t> best(const std::vector<Attempt>& attempts) {
  double most = 0;
  for (const Attempt& attempt : attempts) {
    if (attempt.fork && attempt.fork->helps) most = std::max(most, gain(*attempt.fork));
  }
  std::optional<size_t> chosen;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Attempt& attempt = attempts[i];
    if (!attempt.fork || !attempt.fork->helps || gain(*attempt.fork) < close_to_best * most) continue;
    if (!chosen || attempt.remedy.change < attempts[*chosen].remedy.change) chosen = i;
  }
  return chosen;
}

bool same(const Remedy& a, const Remedy& b) { return a.change == b.change && a.layer == b.layer && a.units == b.units && a.number == b.number && a.text == b.text; }

}  // namespace

ForkResult fork_test(const Checkpoint& checkpoint, const Remedy& remedy, int64_t batches) {
  if (batches < 1) throw ArgumentError("[fork_test] the number of batches is " + std::to_string(batches) + "; it must be at least 1.");
  return ForkTests(checkpoint, batches).compare(apply(remedy, checkpoint), remedy);
}

Repair repair(const Checkpoint& checkpoint, const std::vector<Finding>& findings, const Subject& subject) {
  Repair result{.checkpoint = copy(checkpoint), .adopted = std::nullopt, .attempts = {}, .steps = 0};
  std::vector<Checkpoint> changed;  // as long as the attempts; a copy for one that was refused
  ForkTests forks(checkpoint, fork_batches);
  size_t looked_at = 0;
  for (size_t number = 0; number < findings.size() && looked_at < most_findings; ++number) {
    if (findings[number].level == Level::info) continue;
    ++looked_at;
    size_t tried = 0;
    for (const Remedy& remedy : remedies_for(findings[number], subject)) {
      if (tried == most_remedies) break;
      if (std::ranges::any_of(result.attempts, [&](const Attempt& before) { return same(before.remedy, remedy); })) continue;
      Attempt& attempt = result.attempts.emplace_back(Attempt{.finding = number, .remedy = remedy, .fork = std::nullopt, .refusal = ""});
      try {
        changed.push_back(apply(remedy, checkpoint));
      } catch (const ArgumentError& error) {
        changed.push_back(copy(checkpoint));
        attempt.refusal = error.what();
        continue;
      }
      ++tried;
      attempt.fork = forks.compare(changed.back(), remedy);
    }
  }
  result.steps = forks.steps();
  if (const std::optional<size_t> chosen = best(result.attempts)) {
    result.adopted = result.attempts[*chosen].remedy;
    result.checkpoint = std::move(changed[*chosen]);
  }
  return result;
}

}  // namespace rectify::diagnose
