#include "bench/diagnosis/tools/rectify.h"

#include <algorithm>

#include "bench/diagnosis/tools/layer_views.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Finding;
using rectify::diagnose::Level;

constexpr int64_t early_steps = 200, early_interval = 20, later_interval = 100;

/// The units whose output is 0 for every training sample.
std::vector<int64_t> dead_units(rectify::nn::Module& model, const rectify::data::Dataset& data, rectify::nn::Loss loss, size_t layer) {
  const std::vector<double> firing = share_by_unit(view_layers(model, data.train, loss, false).at(layer).output, [](float h) { return h != 0; });
  std::vector<int64_t> dead;
  for (size_t unit = 0; unit < firing.size(); ++unit) {
    if (firing[unit] == 0) dead.push_back(static_cast<int64_t>(unit));
  }
  return dead;
}

/// The first finding about dead units of a layer, a consequence or not.
const Finding* about_dead_units(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (finding.symptom == rectify::diagnose::Symptom::dead_units && finding.layer && !finding.units.empty()) return &finding;
    if (const Finding* below = about_dead_units(finding.consequences)) return below;
  }
  return nullptr;
}

}  // namespace

Rectify::Rectify(const Watched& watched) {
  const rectify::train::Prepared& run = watched.run;
  task_.loss = run.options.loss;
  task_.optimiser = run.configuration.optimiser;
  task_.learning_rate = run.optimiser->learning_rate();
  task_.batch = run.options.batch;
  task_.training_samples = run.data.train.size();
  task_.steps_per_epoch = (task_.training_samples + task_.batch - 1) / task_.batch;
}

void Rectify::on_start(rectify::nn::Module& model, const rectify::data::Dataset& data) {
  data_ = &data;
  probe_ = rectify::diagnose::examine(model, task_.loss, data).log.windows.front();
  watch_.emplace(model);
  look(model, 0);
}

void Rectify::on_step(rectify::nn::Module& model, const rectify::train::StepInfo& info, std::span<const rectify::Tensor> gradients) {
  watch_->on_step(model, info, gradients);
  steps_ = info.step;
  task_.learning_rate = info.learning_rate;
  if (info.step % (info.step <= early_steps ? early_interval : later_interval) == 0) look(model, info.step);
}

void Rectify::on_end(rectify::nn::Module& model, const rectify::train::TrainResult& result) {
  look(model, steps_, result.diverged ? std::optional(result.divergence) : std::nullopt);
  watch_.reset();
}

void Rectify::look(rectify::nn::Module& model, int64_t step, const std::optional<std::string>& diverged) {
  if (found_) return;
  rectify::diagnose::Subject now = rectify::diagnose::examine(model, task_.loss, *data_);
  now.optimiser = task_.optimiser;
  now.learning_rate = task_.learning_rate;
  now.batch = task_.batch;
  now.training_samples = task_.training_samples;
  now.steps_per_epoch = task_.steps_per_epoch;
  now.diverged = diverged;
  if (step > 0) {
    now.log = watch_->log();
    now.log.windows.insert(now.log.windows.begin(), probe_);
  }
  const std::vector<Finding> findings = rectify::diagnose::diagnose(now);
  if (findings.empty() || findings.front().level == Level::info) return;
  if (!warned_) warned_ = step;
  if (findings.front().level != Level::fault) return;
  findings_ = findings;
  subject_ = std::move(now);
  found_ = true;
  say(verdict_on(model, step));
}

Verdict Rectify::verdict_on(rectify::nn::Module& model, int64_t step) const {
  const Finding& first = findings_.front();
  Verdict verdict{.problem = std::string(name(first.symptom)) + " by " + std::string(name(first.cause)), .step = step, .layer = first.layer, .cause = first.cause, .warned = warned_};
  const auto second = std::ranges::find_if(findings_, [&](const Finding& other) { return other.level != Level::info && other.cause != first.cause; });
  if (second != findings_.end()) verdict.second_cause = second->cause;
  if (const Finding* dead = about_dead_units(findings_)) {
    verdict.units = dead->units;
    verdict.dead_units = dead_units(model, *data_, task_.loss, *dead->layer);
  }
  return verdict;
}

std::unique_ptr<Tool> rectify_itself(const Watched& watched) { return std::make_unique<Rectify>(watched); }

}  // namespace bench::diagnosis
