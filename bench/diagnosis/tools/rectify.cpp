// Our own diagnosis, as `rectify train --repair` has it: findings at level fault count, warnings among them that a fork has proven; those before any are warnings.
#include <algorithm>
#include <set>

#include "bench/diagnosis/tools/layer_views.h"
#include "bench/diagnosis/tools/tool.h"
#include "rectify/diagnose/live.h"
#include "rectify/diagnose/mend.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Finding;
using rectify::diagnose::Level;
using rectify::diagnose::ProofTime;

/// The first finding about dead units of a layer, a consequence or not.
const Finding* about_dead_units(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (finding.symptom == rectify::diagnose::Symptom::dead_units && finding.layer && !finding.units.empty()) return &finding;
    if (const Finding* below = about_dead_units(finding.consequences)) return below;
  }
  return nullptr;
}

class Rectify final : public Tool {
 public:
  explicit Rectify(const Watched& watched) : run_(watched.run), live_(watched.run, [this](const std::vector<Finding>& findings, int64_t step) { hear(findings, step); }) {}

  void on_start(rectify::nn::Module& model, const rectify::data::Dataset& data) override { live_.on_start(model, data); }
  void on_step(rectify::nn::Module& model, const rectify::train::StepInfo& info, std::span<const rectify::Tensor> gradients) override {
    step_ = info.step;
    live_.on_step(model, info, gradients);
  }
  void on_end(rectify::nn::Module&, const rectify::train::TrainResult& result) override { hear(live_.findings_at_end(result), step_); }

 private:
  void hear(std::vector<Finding> findings, int64_t step) {
    if (verdict().alarm() || findings.empty() || findings.front().level == Level::info) return;
    if (!warned_) warned_ = step;
    const ProofTime time = rectify::diagnose::proof_time(step, live_.subject().planned_steps);
    if (findings.front().level == Level::warning && time != ProofTime::none && tried_.insert({findings.front().cause, time}).second) {
      const rectify::diagnose::Subject subject = live_.subject();
      const rectify::diagnose::Repair proof = rectify::diagnose::repair(rectify::diagnose::checkpoint_of(run_, step), findings, subject,
                                                                         steps_for_proofs(Level::warning, subject.planned_steps) - proof_steps_);
      proof_steps_ += proof.steps;
      findings = rectify::diagnose::with_proof(std::move(findings), proof);
    }
    if (findings.front().level == Level::fault) say(verdict_on(findings, step));
  }

  Verdict verdict_on(const std::vector<Finding>& findings, int64_t step) const {
    const Finding& first = findings.front();
    Verdict verdict{.problem = std::string(name(first.symptom)) + " by " + std::string(name(first.cause)),
                    .step = step,
                    .layer = first.layer,
                    .cause = first.cause,
                    .symptom = first.symptom,
                    .confidence = first.confidence,
                    .warned = warned_};
    const auto second = std::ranges::find_if(findings, [&](const Finding& other) { return other.level != Level::info && other.cause != first.cause; });
    if (second != findings.end()) verdict.second_cause = second->cause;
    if (const Finding* dead = about_dead_units(findings)) {
      verdict.units = dead->units;
      verdict.dead_units = dead_units(*dead->layer);
    }
    return verdict;
  }

  /// The units whose output is 0 for every training sample.
  std::vector<int64_t> dead_units(size_t layer) const {
    const std::vector<LayerView> layers = view_layers(run_.model, run_.data.train, run_.options.loss, false);
    const std::vector<double> firing = share_by_unit(layers.at(layer).output, [](float h) { return h != 0; });
    std::vector<int64_t> dead;
    for (size_t unit = 0; unit < firing.size(); ++unit) {
      if (firing[unit] == 0) dead.push_back(static_cast<int64_t>(unit));
    }
    return dead;
  }

  rectify::train::Prepared& run_;
  rectify::diagnose::LiveDiagnosis live_;
  int64_t step_ = 0, proof_steps_ = 0;  // proof_steps_: as many as train_and_repair() has for warnings
  std::optional<int64_t> warned_;
  std::set<std::pair<rectify::diagnose::Cause, ProofTime>> tried_;
};

}  // namespace

std::unique_ptr<Tool> rectify_itself(const Watched& watched) { return std::make_unique<Rectify>(watched); }

}  // namespace bench::diagnosis
