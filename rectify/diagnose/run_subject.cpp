#include "rectify/diagnose/run_subject.h"

#include <algorithm>

#include "rectify/diagnose/silence.h"
#include "rectify/observe/run_folder.h"

namespace rectify::diagnose {

int64_t steps_per_epoch(const train::Prepared& run) { return (run.data.train.size() + run.options.batch - 1) / run.options.batch; }

int64_t planned_steps(const train::Prepared& run) { return steps_per_epoch(run) * run.options.epochs; }

Subject subject_of(train::Prepared& beginning) {
  Subject subject = examine(beginning.model, beginning.options.loss, beginning.data);
  subject.optimiser = beginning.configuration.optimiser;
  subject.learning_rate = beginning.optimiser->learning_rate();
  subject.batch = beginning.options.batch;
  subject.steps_per_epoch = steps_per_epoch(beginning);
  subject.planned_steps = planned_steps(beginning);
  return subject;
}

Subject with_log(Subject beginning, const observe::WatchLog& log) {
  // A watch that has seen nothing knows no layers.
  if (log.layers.empty()) return beginning;
  const observe::Window probe = std::move(beginning.log.windows.front());
  beginning.log = log;
  std::vector<observe::Window>& windows = beginning.log.windows;
  std::erase_if(windows, [](const observe::Window& window) { return window.last_step == 0; });
  windows.insert(windows.begin(), probe);
  return beginning;
}

Subject subject_of(train::Prepared& beginning, const observe::WatchLog& log, nn::Module& model, const std::string& divergence) {
  Subject subject = with_log(subject_of(beginning), log);
  subject.output = examine(model, beginning.options.loss, beginning.data).output;
  if (!divergence.empty()) subject.diverged = divergence;
  return subject;
}

Subject subject_of(const std::filesystem::path& folder) {
  train::Prepared beginning = train::prepare(train::read_configuration(folder / "run.json"));
  nn::Sequential model = train::load_model(folder / "model.safetensors");
  const observe::WatchLog log = observe::load_run_log(folder).watch.value_or(observe::WatchLog{});
  Subject subject = subject_of(beginning, log, model, observe::divergence_of(folder));
  recount_silence(subject.log, model, beginning.data);
  if (std::filesystem::exists(folder / "repair.json") && !log.windows.empty()) {
    std::erase_if(subject.log.windows, [](const observe::Window& window) { return window.last_step == 0; });
  }
  return subject;
}

}  // namespace rectify::diagnose
