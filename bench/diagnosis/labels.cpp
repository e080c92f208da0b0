#include "bench/diagnosis/labels.h"

#include <algorithm>
#include <cmath>

#include "bench/diagnosis/significance.h"

namespace bench::diagnosis {
namespace {

std::vector<double> losses(const Outcomes& outcomes) {
  std::vector<double> result;
  for (const Outcome& outcome : outcomes) result.push_back(outcome.loss);
  return result;
}

}  // namespace

Harm harm(const Outcomes& faulty, const Outcomes& twin) {
  const std::vector<double> sick = losses(faulty), well = losses(twin);
  Harm result{.probability = probability_of_being_larger_by_chance(sick, well)};
  result.effect = (median(sick) - median(well)) / (twin.at(0).chance - median(well));
  result.harmful = result.probability < 0.01 && result.effect >= 0.05;
  return result;
}

bool is_healthy(const Outcomes& control, const Architecture& architecture) {
  return !control.empty() && std::ranges::all_of(control, [&](const Outcome& outcome) { return outcome.learnt() >= architecture.learnt; });
}

double restored(double loss, const Outcomes& twin) {
  if (!std::isfinite(loss)) return 0;
  const double chance = twin.at(0).chance;
  return (chance - loss) / (chance - median(losses(twin)));
}

}  // namespace bench::diagnosis
