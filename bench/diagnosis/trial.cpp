#include "bench/diagnosis/trial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace bench::diagnosis {

using rectify::nn::Loss;

double Outcome::learnt() const { return std::isfinite(loss) ? std::clamp(1 - loss / chance, 0.0, 1.0) : 0; }

double chance_loss(const rectify::data::Part& part, Loss loss) {
  const double n = static_cast<double>(part.size());
  double result = 0;
  if (rectify::nn::is_classification(loss)) {
    std::vector<double> counts;
    for (const int64_t k : part.target.values<int64_t>()) {
      if (k >= static_cast<int64_t>(counts.size())) counts.resize(static_cast<size_t>(k) + 1);
      ++counts[static_cast<size_t>(k)];
    }
    for (const double count : counts) result -= count > 0 ? count / n * std::log(count / n) : 0;
    return result;
  }
  double mean = 0;
  for (const float y : part.target.values<float>()) mean += y / n;
  for (const float y : part.target.values<float>()) result += (y - mean) * (y - mean) / n;
  return result;
}

Outcome outcome_of(rectify::train::Prepared& run, const rectify::train::TrainResult& result, Loss loss) {
  const double reached = rectify::train::evaluate(run.model, run.data.train, loss).loss;
  return {.loss = result.diverged || !std::isfinite(reached) ? std::numeric_limits<double>::infinity() : reached,
          .chance = chance_loss(run.data.train, loss),
          .steps = run.optimiser->steps(),
          .diverged = result.diverged,
          .seconds = result.seconds};
}

Outcome train(const Case& planted, uint64_t seed, std::span<rectify::train::Listener* const> listeners) {
  rectify::train::Prepared run = prepare(planted, seed);
  const rectify::train::TrainResult result = rectify::train::fit(run.model, *run.optimiser, run.data, run.options, listeners);
  return outcome_of(run, result, measured_by(planted));
}

Loss measured_by(const Case& planted) { return rectify::nn::find_loss(architecture(planted.architecture).loss).value(); }

}  // namespace bench::diagnosis
