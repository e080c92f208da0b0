#include "rectify/diagnose/fork.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "rectify/data/loader.h"
#include "rectify/diagnose/chance_loss.h"
#include "rectify/diagnose/network_parts.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/kernel/reduce.h"

namespace rectify::diagnose {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int64_t looks = 4, twelfths = 12;
constexpr int64_t fewest_held_out = 100;

/// The rows of the training part that the next steps see.
std::vector<bool> seen_rows(const Checkpoint& checkpoint, int64_t steps) {
  const data::Part& part = checkpoint.run.data.train;
  const auto n = static_cast<size_t>(part.size());
  const int64_t batch = checkpoint.run.options.batch, per_epoch = steps_per_epoch(checkpoint.run);
  std::vector<bool> seen(n, steps >= 2 * per_epoch);
  if (steps >= 2 * per_epoch) return seen;
  std::vector<int64_t> order(n);
  for (int64_t step = checkpoint.step, last = step + steps; step < last;) {
    const int64_t epoch = step / per_epoch, end = std::min(last, (epoch + 1) * per_epoch);
    std::iota(order.begin(), order.end(), int64_t{0});
    data::shuffle(order, {checkpoint.run.options.seed, Purpose::shuffle, static_cast<uint64_t>(epoch)});
    const int64_t first_place = step % per_epoch * batch, end_place = std::min((end - epoch * per_epoch) * batch, part.size());
    for (int64_t place = first_place; place < end_place; ++place) seen[static_cast<size_t>(order[static_cast<size_t>(place)])] = true;
    step = end;
  }
  return seen;
}

Tensor rows_of(const Tensor& tensor, const std::vector<int64_t>& rows) {
  std::vector<int64_t> sizes(tensor.shape().sizes().begin(), tensor.shape().sizes().end());
  sizes[0] = static_cast<int64_t>(rows.size());
  Tensor result = Tensor::empty(Shape(std::span<const int64_t>(sizes)), tensor.dtype());
  for (size_t i = 0; i < rows.size(); ++i) result.rows(static_cast<int64_t>(i), static_cast<int64_t>(i) + 1).copy_from(tensor.rows(rows[i], rows[i] + 1));
  return result;
}

/// Rows on which the forks are compared, of the validation part or of the training part.
struct HeldOut {
  bool validation = false;
  std::vector<int64_t> rows;

  data::Part of(const data::Dataset& data) const {
    const data::Part& part = validation ? *data.validation : data.train;
    return {rows_of(part.input, rows), rows_of(part.target, rows)};
  }
};

/// How many steps the fork without and the one with take so that both see as many samples.
struct ForkSteps {
  int64_t without = 0, with = 0;
};

ForkSteps fork_steps(const Checkpoint& without, const Checkpoint& with, int64_t batches) {
  const int64_t one = without.run.options.batch, other = with.run.options.batch, samples = batches * std::max(one, other);
  return {samples / one, samples / other};
}

/// For forks that take so many times their steps.
HeldOut held_out(const Checkpoint& without, const Checkpoint& with, const ForkSteps& steps, int64_t times_taken) {
  const data::Dataset& data = without.run.data;
  HeldOut result{.validation = data.validation && data.validation->size() >= fewest_held_out, .rows = {}};
  const int64_t n = result.validation ? data.validation->size() : data.train.size();
  std::vector<bool> seen(static_cast<size_t>(n));
  // Best are samples that the fork without has not seen later either.
  for (const int64_t times : {patience, int64_t{1}}) {
    if (result.validation) break;
    const std::vector<bool> one = seen_rows(without, times * steps.without), other = seen_rows(with, times_taken * steps.with);
    for (size_t i = 0; i < seen.size(); ++i) seen[i] = one[i] || other[i];
    if (std::ranges::count(seen, false) >= fewest_held_out) break;
    seen.assign(seen.size(), false);
  }
  for (int64_t row = 0; row < n; ++row) {
    if (!seen[static_cast<size_t>(row)]) result.rows.push_back(row);
  }
  // Evenly from all of them: the rows of a file may be sorted.
  if (const auto count = static_cast<int64_t>(result.rows.size()); count > most_held_out) {
    std::vector<int64_t> chosen;
    for (int64_t i = 0; i < most_held_out; ++i) chosen.push_back(result.rows[static_cast<size_t>(i * count / most_held_out)]);
    result.rows = std::move(chosen);
  }
  return result;
}

/// Each sample's loss, the mean over the looks at the fork. Nothing if it is not finite.
std::optional<std::vector<double>> losses_of(const Fork& fork, const data::Part& part, nn::Loss loss) {
  if (!fork.finite) return std::nullopt;
  std::vector<double> losses(static_cast<size_t>(part.size()));
  for (const nn::Sequential& trained : fork.models) {
    nn::Sequential model = trained;
    const Tensor values = nn::sample_losses(loss, pass(model, part.input, 0, model.size()), part.target);
    for (size_t i = 0; i < losses.size(); ++i) losses[i] += values.at(static_cast<int64_t>(i)) / static_cast<double>(fork.models.size());
  }
  if (!kernel::all_finite(losses.data(), static_cast<int64_t>(losses.size()))) return std::nullopt;
  return losses;
}

double mean(const std::vector<double>& values) { return kernel::sum(values.data(), static_cast<int64_t>(values.size())) / static_cast<double>(values.size()); }

/// The 97.5 % point of Student's distribution, by the first terms of its expansion in 1 / degrees of freedom (Abramowitz and Stegun 26.7.5): within 1 % from 4 on.
double student(double freedom) {
  constexpr double z = 1.959963984540054, cube = z * z * z;
  return z + (cube + z) / (4 * freedom) + (5 * cube * z * z + 16 * cube + 3 * z) / (96 * freedom * freedom);
}

/// Mean of the paired differences a - b, and how far its 95 % interval reaches to both sides.
struct Paired {
  double mean = 0, reach = 0;
};
Paired paired(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> differences(a.size()), squares;
  for (size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  const double centre = mean(differences), freedom = static_cast<double>(a.size()) - 1;
  for (const double difference : differences) squares.push_back((difference - centre) * (difference - centre));
  return {centre, freedom > 0 ? student(freedom) * std::sqrt(mean(squares) / freedom) : infinity};
}

}  // namespace

Fork ForkTests::go_on(const Checkpoint& checkpoint, int64_t steps) {
  Fork fork{.models = {}, .finite = true, .end = copy(checkpoint)};
  train::Prepared& run = fork.end.run;
  const int64_t gap = steps / twelfths, last = checkpoint.step + steps;
  for (int64_t look = 1; look <= looks && fork.finite; ++look) {
    run.options.first_step = fork.end.step;
    const train::StepsTaken taken = train::take_steps(run.model, *run.optimiser, run.data.train, run.options, last - (looks - look) * gap - fork.end.step);
    fork.end.step += taken.steps;
    steps_ += taken.steps;
    fork.finite = !taken.diverged;
    if (fork.finite) fork.models.push_back(nn::clone(run.model));
  }
  return fork;
}

ForkTests::Without& ForkTests::without(int64_t steps) {
  const auto found = without_.find(steps);
  return found != without_.end() ? found->second : without_.emplace(steps, Without{go_on(checkpoint_, steps), std::nullopt}).first->second;
}

const Fork& ForkTests::later(int64_t steps) {
  Without& known = without(steps);
  if (!known.later) known.later = go_on(known.fork.end, (patience - 1) * steps);
  return *known.later;
}

ForkResult ForkTests::result_of(const Checkpoint& changed, const Fork& without, const Fork& with, int64_t times) const {
  const ForkSteps steps = fork_steps(checkpoint_, changed, batches_);
  const HeldOut rows = held_out(checkpoint_, changed, steps, times);
  const nn::Loss loss = changed.run.options.loss;
  const data::Part before = rows.of(checkpoint_.run.data), after = rows.of(changed.run.data);
  const auto without_it = losses_of(without, before, loss), with_it = losses_of(with, after, loss);

  ForkResult result{.batches = times * std::min(steps.without, steps.with), .samples = before.size(), .chance = chance_loss(loss, before.target), .loss_later = std::nullopt};
  result.loss_without = without_it ? mean(*without_it) : infinity;
  result.loss_with = with_it ? mean(*with_it) : infinity;
  if (!without_it || !with_it) {
    result.difference = result.low = result.high = with_it ? -infinity : without_it ? infinity : 0;
    result.helps = with_it && !without_it;
    return result;
  }
  const Paired difference = paired(*with_it, *without_it);
  result.difference = difference.mean;
  result.low = difference.mean - difference.reach;
  result.high = difference.mean + difference.reach;
  const double practical = std::max(least_gain * result.loss_without, least_gain_of_chance * result.chance);
  result.helps = result.high < 0 && -result.difference >= practical;
  return result;
}

int64_t ForkTests::cost(const Checkpoint& changed, Look look) const {
  const ForkSteps steps = fork_steps(checkpoint_, changed, batches_);
  const auto known = without_.find(steps.without);
  const bool taken = known != without_.end(), looked = taken && known->second.later;
  return steps.with + (taken ? 0 : steps.without) + (look != Look::none && !looked ? (patience - 1) * steps.without : 0);
}

int64_t ForkTests::cost_of_going_on(const Checkpoint& changed) const {
  const ForkSteps steps = fork_steps(checkpoint_, changed, batches_);
  return (patience - 1) * steps.with + cost(changed, Look::later) - cost(changed, Look::none);
}

Comparison ForkTests::compare(const Checkpoint& changed, Look look) {
  const ForkSteps steps = fork_steps(checkpoint_, changed, batches_);
  const Fork& alone = without(steps.without).fork;
  Fork with = go_on(changed, steps.with);
  Comparison comparison{.result = result_of(changed, alone, with, 1), .end = {}};
  if (ForkResult& result = comparison.result; look != Look::none && result.helps && std::isfinite(result.difference)) {
    const HeldOut rows = held_out(checkpoint_, changed, steps, 1);
    const nn::Loss loss = changed.run.options.loss;
    const auto with_it = losses_of(with, rows.of(changed.run.data), loss), without_it_later = losses_of(later(steps.without), rows.of(checkpoint_.run.data), loss);
    result.loss_later = without_it_later ? mean(*without_it_later) : infinity;
    const Paired ahead = without_it_later ? paired(*with_it, *without_it_later) : Paired{-infinity, 0};
    result.helps = ahead.mean + ahead.reach < 0 && !(look == Look::further && gets_there_by_itself(result.loss_without, *result.loss_later, result.loss_with));
  }
  comparison.end = std::move(with.end);
  return comparison;
}

bool ForkTests::gets_there_by_itself(double soon, double later, double with) const {
  const int64_t left = planned_steps(checkpoint_.run) - checkpoint_.step - patience * batches_;
  // A loss that falls as it has, by the same share in as many steps; few keep it up.
  const double share = std::max(0.0, later) / soon, times = static_cast<double>(std::max<int64_t>(left, 0)) / static_cast<double>((patience - 1) * batches_);
  return soon > 0 && with > 0 && share < 1 && std::pow(share, times) * later < with;
}

Comparison ForkTests::go_on_comparing(const Checkpoint& changed, Comparison so_far) {
  const ForkSteps steps = fork_steps(checkpoint_, changed, batches_);
  Fork with = go_on(so_far.end, (patience - 1) * steps.with);
  const double soon = so_far.result.loss_without;
  Comparison comparison{.result = result_of(changed, later(steps.without), with, patience), .end = std::move(with.end)};
  ForkResult& result = comparison.result;
  if (std::isfinite(result.difference)) result.helps = result.helps && !gets_there_by_itself(soon, result.loss_without, result.loss_with);
  return comparison;
}

}  // namespace rectify::diagnose
