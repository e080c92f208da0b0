#include "bench/diagnosis/mending.h"

#include "rectify/diagnose/mend.h"

namespace bench::diagnosis {

Mended mend(const Case& sick, uint64_t seed) {
  rectify::diagnose::Mended training = rectify::diagnose::train_and_repair(prepare(sick, seed));
  Mended mended{.found = !training.interruptions.empty(), .steps = training.steps, .planned_steps = training.planned_steps};
  for (const rectify::diagnose::Interruption& interruption : training.interruptions) {
    if (interruption.adopted) mended.adopted += (mended.adopted.empty() ? "" : ", ") + std::string(name(interruption.adopted->change));
  }
  mended.outcome = outcome_of(training.run, training.result, measured_by(sick));
  return mended;
}

}  // namespace bench::diagnosis
