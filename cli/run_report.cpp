#include "cli/run_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/answers.h"
#include "cli/output.h"
#include "rectify/base/error.h"
#include "rectify/base/files.h"
#include "rectify/base/warning.h"
#include "rectify/data/load.h"
#include "rectify/diagnose/diagnose.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/nn/activations.h"
#include "rectify/observe/run_folder.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

/// "relu" of "runs/demo/relu" and of "runs/demo/relu/".
std::string name_of(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.filename().empty() ? whole.parent_path().filename().string() : whole.filename().string();
}

std::string text_of(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  return found == json.end() ? "" : found->is_string() ? found->get<std::string>() : found->is_null() ? "" : found->dump();
}

std::vector<activation::Function> activations_of(nn::Sequential& model) {
  std::vector<activation::Function> functions;
  for (size_t i = 0; i < model.size(); ++i) {
    const auto* layer = dynamic_cast<const nn::Activation*>(&model[i]);
    if (layer != nullptr && std::ranges::find(functions, layer->function()) == functions.end()) functions.push_back(layer->function());
  }
  return functions;
}

std::optional<report::DecisionRegions> regions_of(train::SavedRun& saved, nn::Loss loss) {
  if (saved.preprocessing.sample_shape != Shape{2} || !nn::is_classification(loss)) return std::nullopt;
  try {
    return decision_regions(saved.model, data::load(saved.configuration.data), loss);
  } catch (const Error& error) {
    warn(std::string("[report] the decision regions are left out, because the run's data cannot be read again: ") + error.what());
    return std::nullopt;
  }
}

/// Puts the findings beside the log of a watched run, and the network as it was before training into the log.
void diagnose_run(report::RunSummary& run, const fs::path& folder) {
  if (!run.log.watch) return;
  try {
    diagnose::Subject subject = diagnose::subject_of(folder);
    run.findings = diagnose::diagnose(subject);
    run.log.watch = std::move(subject.log);
  } catch (const Error& error) {
    warn(std::string("[report] the run is not diagnosed, because its data cannot be read again: ") + error.what());
  }
}

/// A measure in repair.json, where null stands for what is not finite.
double measure_of(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::string loss_of(const Json& json, const std::string& key) {
  const double loss = measure_of(json, key);
  return std::isfinite(loss) ? report::readable(loss, 4) : "not finite";
}

/// What `rectify repair` wrote beside the run that it made.
std::optional<report::RepairSummary> repair_of(const fs::path& folder) {
  const fs::path file = folder / "repair.json";
  if (!fs::exists(file)) return std::nullopt;
  const Json json = Json::parse(read_file(file), nullptr, false);
  const auto is_object = [&](const char* key) { return json.is_object() && json.contains(key) && json[key].is_object(); };
  if (!json.is_object() || !json.contains("interruptions") || !json["interruptions"].is_array() || !is_object("after")) {
    throw ArgumentError("[report] " + file.string() + " is not what `rectify repair` writes. Repair the run again, or remove the file.");
  }
  report::RepairSummary repair;
  const Json& after = json["after"];
  if (is_object("before")) {
    const Json& before = json["before"];
    repair.rows.push_back({"test loss", loss_of(before, "test_loss"), loss_of(after, "test_loss")});
    // A regression has none.
    const double accuracy = measure_of(after, "test_accuracy");
    if (std::isfinite(accuracy)) repair.rows.push_back({"test accuracy", report::percent(measure_of(before, "test_accuracy")), report::percent(accuracy)});
  }
  for (const Json& interruption : json["interruptions"]) {
    if (!interruption.is_object() || !interruption.contains("adopted") || !interruption["adopted"].is_string()) continue;
    repair.changes.push_back(text_of(interruption, "adopted") + ", from step " + text_of(interruption, "from_step"));
    if (!interruption.contains("attempts") || !interruption["attempts"].is_array()) continue;
    for (const Json& attempt : interruption["attempts"]) {
      if (text_of(attempt, "remedy") != text_of(interruption, "adopted") || !attempt.contains("loss_with")) continue;
      repair.rows.push_back({"held-out loss of the proof, " + text_of(attempt, "batches") + " batches", loss_of(attempt, "loss_without"), loss_of(attempt, "loss_with")});
    }
  }
  return repair;
}

std::string why_stopped(const Json& json) {
  const std::string status = text_of(json, "status");
  if (status == "stopped") return "it was interrupted; the weights are those of the last step.";
  return status == "diverged" ? "it diverged at " + text_of(json, "divergence") : "";
}

}  // namespace

report::RunSummary summarise_run(const fs::path& folder) {
  train::SavedRun saved = train::load_run(folder);
  const train::RunConfiguration& configuration = saved.configuration;
  const auto loss = nn::find_loss(configuration.loss);
  if (!loss) throw ArgumentError("[report] " + (folder / "run.json").string() + " names the loss '" + configuration.loss + "', which does not exist. Is the file of a newer version?");
  // load_run() has checked that this is the description of a run.
  const Json json = Json::parse(read_file(folder / "run.json"));
  report::RunSummary run{.name = name_of(folder),
                         .network = configuration.network,
                         .data = configuration.data,
                         .optimiser = configuration.optimiser,
                         .loss = configuration.loss,
                         .settings = {{"schedule", configuration.schedule},
                                      {"init", configuration.init},
                                      {"batch", std::to_string(configuration.batch)},
                                      {"shards", std::to_string(configuration.shards)},
                                      {"seed", std::to_string(configuration.seed)},
                                      {"target", text_of(json, "target")},
                                      {"threads", text_of(json, "threads")}},
                         .log = observe::load_run_log(folder),
                         .train = {.loss = std::numeric_limits<double>::quiet_NaN(), .accuracy = std::nullopt},
                         .test = {.loss = std::numeric_limits<double>::quiet_NaN(), .accuracy = std::nullopt},
                         .validation = std::nullopt,
                         .weights_sha256 = train::weights_sha256(saved.model),
                         .seconds = 0,
                         .stopped = why_stopped(json),
                         .activations = activations_of(saved.model),
                         .decision_regions = regions_of(saved, *loss),
                         .findings = {},
                         .repair = repair_of(folder)};
  diagnose_run(run, folder);
  for (const observe::EpochRecord& epoch : run.log.epochs) run.seconds += epoch.seconds;
  if (!run.log.epochs.empty()) {
    run.train = run.log.epochs.back().train;
    run.test = run.log.epochs.back().test;
    run.validation = run.log.epochs.back().validation;
  }
  return run;
}

}  // namespace rectify::cli
