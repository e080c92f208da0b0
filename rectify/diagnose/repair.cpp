#include "rectify/diagnose/repair.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/diagnose/confidence.h"
#include "rectify/diagnose/fork.h"
#include "rectify/diagnose/run_subject.h"

namespace rectify::diagnose {
namespace {

bool same(const Remedy& a, const Remedy& b) {
  return a.change == b.change && a.layer == b.layer && a.units == b.units && a.number == b.number && a.text == b.text && std::ranges::equal(a.also, b.also, same);
}

/// The largest of its changes, in the order of how much they disturb.
Change largest_change(const Remedy& remedy) {
  Change largest = remedy.change;
  for (const Remedy& further : remedy.also) largest = std::max(largest, largest_change(further));
  return largest;
}

/// The attempt to adopt: of the proven ones that are about as good as the best, the least invasive.
std::optional<size_t> best(const std::vector<Attempt>& attempts) {
  double smallest = std::numeric_limits<double>::infinity(), won = 0;
  for (const Attempt& attempt : attempts) {
    if (!attempt.proven || !(attempt.fork->loss_with < smallest)) continue;
    smallest = attempt.fork->loss_with;
    won = std::max(0.0, std::min(attempt.fork->loss_without, attempt.fork->chance) - smallest);
  }
  std::optional<size_t> chosen;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Attempt& attempt = attempts[i];
    if (!attempt.proven || attempt.fork->loss_with > smallest + as_good * won) continue;
    if (!chosen || largest_change(attempt.remedy) < largest_change(attempts[*chosen].remedy)) chosen = i;
  }
  return chosen;
}

bool is_enough(const Attempt& attempt) { return attempt.proven && attempt.fork->loss_with <= enough * std::min(attempt.fork->loss_without, attempt.fork->chance); }

bool is_proof(const ForkResult& fork, Level level) { return fork.helps || (level == Level::fault && fork.high < 0 && -fork.difference >= least_gain_of_fault * fork.loss_without); }

/// Short steps and flat slopes make a network slow, which may be fast enough.
Look look_for(const Finding& finding) {
  if (finding.level == Level::fault || is_a_mistake(finding.cause)) return Look::none;
  return finding.cause == Cause::learning_rate_too_low || finding.cause == Cause::activation_saturates ? Look::further : Look::later;
}

constexpr double promising = 0.25;  // of the gain that proves a remedy

/// The attempt that came nearest to a proof, if there is none.
std::optional<size_t> worth_patience(const std::vector<Attempt>& attempts, const std::vector<Finding>& findings) {
  std::optional<size_t> nearest;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Attempt& attempt = attempts[i];
    if (attempt.proven) return std::nullopt;
    if (!attempt.fork || !std::isfinite(attempt.fork->difference)) continue;
    // Of a warning, one that is ahead, but not by enough yet; one that somebody looked at later had its chance.
    const bool ahead = attempt.fork->high < 0 && -attempt.fork->difference >= promising * least_gain * attempt.fork->loss_without;
    if (look_for(findings[attempt.finding]) != Look::none && (attempt.fork->loss_later || !ahead)) continue;
    if (!nearest || attempt.fork->difference < attempts[*nearest].fork->difference) nearest = i;
  }
  return nearest;
}

/// A remedy on its way: the checkpoint with it, and how far its fork has come.
struct Tried {
  Checkpoint changed;
  Comparison comparison;
};

/// The remedy with the learning rate that was measured for it.
Remedy resolved(Remedy remedy, const Checkpoint& changed) {
  if (remedy.change == Change::set_learning_rate) remedy.number = changed.run.optimiser->learning_rate();
  for (Remedy& further : remedy.also) further = resolved(std::move(further), changed);
  return remedy;
}

}  // namespace

int64_t fork_batches(const Checkpoint& checkpoint) { return std::clamp(planned_steps(checkpoint.run) / 20, fewest_fork_batches, most_fork_batches); }

ForkResult fork_test(const Checkpoint& checkpoint, const Remedy& remedy, std::optional<int64_t> batches) {
  const int64_t count = batches.value_or(fork_batches(checkpoint));
  if (count < 1) throw ArgumentError("[fork_test] the number of batches is " + std::to_string(count) + "; it must be at least 1.");
  return ForkTests(checkpoint, count).compare(apply(remedy, checkpoint)).result;
}

bool is_a_mistake(Cause cause) {
  constexpr std::array mistakes{Cause::softmax_applied_twice, Cause::loss_mismatch, Cause::output_activation_wrong, Cause::init_symmetric, Cause::input_not_scaled};
  return std::ranges::find(mistakes, cause) != mistakes.end();
}

Repair repair(const Checkpoint& checkpoint, const std::vector<Finding>& findings, const Subject& subject, int64_t most_steps) {
  Repair result{.checkpoint = {}, .adopted = std::nullopt, .attempts = {}, .steps = 0};
  std::vector<std::optional<Tried>> tried;  // as long as the attempts; nothing for one that was refused
  std::vector<Remedy> seen;
  ForkTests forks(checkpoint, fork_batches(checkpoint));
  const auto affords = [&](int64_t cost) { return forks.steps() + cost <= most_steps; };
  size_t looked_at = 0;
  bool found_enough = false;
  for (size_t number = 0; number < findings.size() && looked_at < most_findings && !found_enough; ++number) {
    const Finding& finding = findings[number];
    if (finding.level == Level::info) continue;
    ++looked_at;
    const Look look = look_for(finding);
    size_t compared = 0;
    for (const Remedy& remedy : remedies_for(finding, subject)) {
      if (compared == most_remedies || found_enough) break;
      if (std::ranges::any_of(seen, [&](const Remedy& before) { return same(before, remedy); })) continue;
      seen.push_back(remedy);
      Attempt attempt{.finding = number, .remedy = remedy, .fork = std::nullopt, .proven = false, .refusal = ""};
      try {
        Checkpoint changed = apply(remedy, checkpoint);
        if (!affords(forks.cost(changed, look))) continue;
        tried.push_back(Tried{.changed = std::move(changed), .comparison = {}});
      } catch (const ArgumentError& error) {
        attempt.refusal = error.what();
        result.attempts.push_back(std::move(attempt));
        tried.emplace_back();
        continue;
      }
      ++compared;
      attempt.remedy = resolved(remedy, tried.back()->changed);
      tried.back()->comparison = forks.compare(tried.back()->changed, look);
      attempt.fork = tried.back()->comparison.result;
      attempt.proven = is_proof(*attempt.fork, finding.level);
      found_enough = is_enough(attempt);
      result.attempts.push_back(std::move(attempt));
    }
  }
  if (const std::optional<size_t> candidate = worth_patience(result.attempts, findings); candidate && affords(forks.cost_of_going_on(tried[*candidate]->changed))) {
    Attempt& attempt = result.attempts[*candidate];
    Tried& again = *tried[*candidate];
    again.comparison = forks.go_on_comparing(again.changed, std::move(again.comparison));
    attempt.fork = again.comparison.result;
    attempt.proven = is_proof(*attempt.fork, findings[attempt.finding].level);
  }
  result.steps = forks.steps();
  const std::optional<size_t> chosen = best(result.attempts);
  if (!chosen) {
    result.checkpoint = copy(checkpoint);
    return result;
  }
  result.adopted = result.attempts[*chosen].remedy;
  Tried& winner = *tried[*chosen];
  const bool beyond_the_end = winner.comparison.end.step >= planned_steps(winner.comparison.end.run);
  result.checkpoint = std::move(beyond_the_end ? winner.changed : winner.comparison.end);
  return result;
}

std::vector<Finding> with_proof(std::vector<Finding> findings, const Repair& repair) {
  for (const Attempt& attempt : repair.attempts) {
    Finding& finding = findings[attempt.finding];
    if (!attempt.proven || finding.level != Level::warning) continue;
    finding.level = Level::fault;
    finding.confidence = confidence_of_fault(finding.cause, is_beside_others(finding, findings));
    finding.evidence.push_back({.quantity = "loss after as many steps with / without: " + to_string(attempt.remedy), .measured = attempt.fork->loss_with / attempt.fork->loss_without, .border = 1});
  }
  std::ranges::stable_sort(findings, std::ranges::greater(), &Finding::level);
  return findings;
}

}  // namespace rectify::diagnose
