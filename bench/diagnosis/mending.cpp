#include "bench/diagnosis/mending.h"

#include "bench/diagnosis/tools/rectify.h"
#include "rectify/diagnose/repair.h"

namespace bench::diagnosis {

Mended mend(const Case& sick, uint64_t seed) {
  rectify::train::Prepared run = prepare(sick, seed);
  Rectify tool({.planted = sick, .run = run, .seed = seed});
  Mended mended;
  mended.planned_steps = run.options.epochs * ((run.data.train.size() + run.options.batch - 1) / run.options.batch);

  run.options.stop = &tool.found();
  rectify::train::Listener* const listeners[] = {&tool};
  rectify::train::TrainResult result = rectify::train::fit(run.model, *run.optimiser, run.data, run.options, listeners);
  run.options.stop = nullptr;
  tool.on_end(run.model, result);
  mended.found = tool.found();
  if (mended.found) {
    const int64_t step = run.optimiser->steps();
    rectify::diagnose::Repair repair = rectify::diagnose::repair({.run = std::move(run), .step = step}, tool.findings(), tool.subject());
    mended.fork_steps = repair.steps;
    if (repair.adopted) mended.adopted = rectify::diagnose::to_string(*repair.adopted);
    run = std::move(repair.checkpoint.run);
    run.options.first_step = repair.checkpoint.step;
    // Without a remedy a training that diverged would only diverge again.
    if (repair.adopted || !result.diverged) result = rectify::train::fit(run.model, *run.optimiser, run.data, run.options);
  }
  mended.outcome = outcome_of(run, result, measured_by(sick));
  return mended;
}

}  // namespace bench::diagnosis
