#include "rectify/diagnose/repair.h"

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/fork.h"

namespace rectify::diagnose {
namespace {

/// The share of the loss that a proven remedy won.
double gain(const ForkResult& fork) { return std::isfinite(fork.loss_without) ? 1 - fork.loss_with / fork.loss_without : 1; }

constexpr double close_to_best = 0.9;

bool same(const Remedy& a, const Remedy& b) {
  return a.change == b.change && a.layer == b.layer && a.units == b.units && a.number == b.number && a.text == b.text && std::ranges::equal(a.also, b.also, same);
}

/// The largest of its changes, in the order of how much they disturb.
Change largest_change(const Remedy& remedy) {
  Change largest = remedy.change;
  for (const Remedy& further : remedy.also) largest = std::max(largest, largest_change(further));
  return largest;
}

/// The attempt to adopt: of the proven ones that won nearly as much as the best, the least invasive.
std::optional<size_t> best(const std::vector<Attempt>& attempts) {
  double most = 0;
  for (const Attempt& attempt : attempts) {
    if (attempt.proven) most = std::max(most, gain(*attempt.fork));
  }
  std::optional<size_t> chosen;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Attempt& attempt = attempts[i];
    if (!attempt.proven || gain(*attempt.fork) < close_to_best * most) continue;
    if (!chosen || largest_change(attempt.remedy) < largest_change(attempts[*chosen].remedy)) chosen = i;
  }
  return chosen;
}

bool is_proof(const ForkResult& fork, Level level) { return fork.helps || (level == Level::fault && fork.high < 0 && -fork.difference >= least_gain_of_fault * fork.loss_without); }

int64_t steps_of_training(const Checkpoint& checkpoint) {
  const int64_t batch = checkpoint.run.options.batch;
  return (checkpoint.run.data.train.size() + batch - 1) / batch * checkpoint.run.options.epochs;
}

/// The attempt that came nearest to a proof, if there is none.
std::optional<size_t> worth_patience(const std::vector<Attempt>& attempts) {
  std::optional<size_t> nearest;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Attempt& attempt = attempts[i];
    if (attempt.proven) return std::nullopt;
    if (!attempt.fork || !std::isfinite(attempt.fork->difference)) continue;
    if (!nearest || attempt.fork->difference < attempts[*nearest].fork->difference) nearest = i;
  }
  return nearest;
}

/// The remedy with the learning rate that was measured for it.
Remedy resolved(Remedy remedy, const Checkpoint& changed) {
  if (remedy.change == Change::set_learning_rate) remedy.number = changed.run.optimiser->learning_rate();
  for (Remedy& further : remedy.also) further = resolved(std::move(further), changed);
  return remedy;
}

}  // namespace

ForkResult fork_test(const Checkpoint& checkpoint, const Remedy& remedy, int64_t batches) {
  if (batches < 1) throw ArgumentError("[fork_test] the number of batches is " + std::to_string(batches) + "; it must be at least 1.");
  return ForkTests(checkpoint, batches).compare(apply(remedy, checkpoint));
}

Repair repair(const Checkpoint& checkpoint, const std::vector<Finding>& findings, const Subject& subject) {
  Repair result{.checkpoint = copy(checkpoint), .adopted = std::nullopt, .attempts = {}, .steps = 0};
  std::vector<Checkpoint> changed;  // as long as the attempts; a copy for one that was refused
  std::vector<Remedy> seen;
  ForkTests forks(checkpoint, fork_batches);
  size_t looked_at = 0;
  bool enough = false;
  for (size_t number = 0; number < findings.size() && looked_at < most_findings && !enough; ++number) {
    if (findings[number].level == Level::info) continue;
    ++looked_at;
    size_t tried = 0;
    for (const Remedy& remedy : remedies_for(findings[number], subject)) {
      if (tried == most_remedies || enough) break;
      if (std::ranges::any_of(seen, [&](const Remedy& before) { return same(before, remedy); })) continue;
      seen.push_back(remedy);
      Attempt& attempt = result.attempts.emplace_back(Attempt{.finding = number, .remedy = remedy, .fork = std::nullopt, .proven = false, .refusal = ""});
      try {
        changed.push_back(apply(remedy, checkpoint));
      } catch (const ArgumentError& error) {
        changed.push_back(copy(checkpoint));
        attempt.refusal = error.what();
        continue;
      }
      ++tried;
      attempt.remedy = resolved(remedy, changed.back());
      attempt.fork = forks.compare(changed.back(), findings[number].level != Level::fault);
      attempt.proven = is_proof(*attempt.fork, findings[number].level);
      enough = attempt.proven && gain(*attempt.fork) >= enough_gain;
    }
  }
  result.steps = forks.steps();
  if (const std::optional<size_t> candidate = worth_patience(result.attempts); candidate && 2 * patience * fork_batches <= steps_of_training(checkpoint)) {
    Attempt& attempt = result.attempts[*candidate];
    ForkTests longer(checkpoint, patience * fork_batches);
    attempt.fork = longer.compare(changed[*candidate], findings[attempt.finding].level != Level::fault);
    attempt.proven = is_proof(*attempt.fork, findings[attempt.finding].level);
    result.steps += longer.steps();
  }
  if (const std::optional<size_t> chosen = best(result.attempts)) {
    result.adopted = result.attempts[*chosen].remedy;
    result.checkpoint = std::move(changed[*chosen]);
  }
  return result;
}

std::vector<Finding> with_proof(std::vector<Finding> findings, const Repair& repair) {
  for (const Attempt& attempt : repair.attempts) {
    Finding& finding = findings[attempt.finding];
    if (!attempt.proven || finding.level != Level::warning) continue;
    finding.level = Level::fault;
    finding.evidence.push_back({.quantity = "loss after as many steps with / without: " + to_string(attempt.remedy), .measured = attempt.fork->loss_with / attempt.fork->loss_without, .border = 1});
  }
  std::ranges::stable_sort(findings, std::ranges::greater(), &Finding::level);
  return findings;
}

}  // namespace rectify::diagnose
