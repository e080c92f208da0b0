#include "rectify/observe/run_folder.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "rectify/base/files.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/target.h"
#include "rectify/observe/run_log_json.h"

namespace rectify::observe {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json summary(train::Prepared& run, const train::TrainResult& result) {
  Json json;
  const bool classification = nn::is_classification(run.options.loss);
  const train::EpochInfo* last = result.epochs.empty() ? nullptr : &result.epochs.back();
  json["train_loss"] = last ? number(last->train.loss) : Json(nullptr);
  json["test_loss"] = last ? number(last->test.loss) : Json(nullptr);
  if (classification) json["test_accuracy"] = last && run.data.test.size() > 0 ? number(last->test.accuracy) : Json(nullptr);
  if (last && last->validation) {
    json["validation_loss"] = number(last->validation->loss);
    if (classification) json["validation_accuracy"] = number(last->validation->accuracy);
  }
  // Of a training that went on from a step, those before count too.
  json["epochs"] = last ? last->epoch : 0;
  json["shards"] = run.options.shards;
  json["seconds"] = result.seconds;
  json["weights_sha256"] = train::weights_sha256(run.model);
  return json;
}

/// A folder's run.json, an object.
Json read_document(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "run.json";
  Json document = Json::parse(read_file(path), nullptr, false);
  if (document.is_discarded()) throw ArgumentError(path.string() + ": [load_run_log] this is not JSON. Is the file truncated?");
  if (!document.is_object()) throw ArgumentError(path.string() + ": [load_run_log] this is no JSON object. Is this the file of a run?");
  return document;
}

std::string dumped(const Json& json, int indent = -1) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string summary_json(train::Prepared& run, const train::TrainResult& result) { return dumped(summary(run, result)); }

std::string run_json(train::Prepared& run, const train::TrainResult& result, const RunLog& log, std::string_view version) {
  Json json;
  json["version"] = version;
  json["target"] = kernel::current_target();
  json["threads"] = thread_count();
  json["configuration"] = Json::parse(train::to_json(run.configuration));
  json["preprocessing"] = Json::parse(data::to_json(run.data.preprocessing));
  json["status"] = result.diverged ? "diverged" : result.stopped ? "stopped" : "finished";
  if (result.diverged) json["divergence"] = result.divergence;
  json["summary"] = summary(run, result);
  json["log"] = Json::parse(to_json(log));
  return dumped(json, 1) + "\n";
}

void write_run_folder(const std::filesystem::path& folder, train::Prepared& run, const train::TrainResult& result, const RunLog& log, std::string_view version) {
  const std::string description = run_json(run, result, log, version);
  train::save_model(folder / "model.safetensors", run.model, Shape{run.data.input_count()});
  write_file(folder / "run.json", description);
}

RunLog load_run_log(const std::filesystem::path& folder) {
  const Json document = read_document(folder);
  if (!document.contains("log")) throw ArgumentError((folder / "run.json").string() + ": [load_run_log] the field log is missing. Is this the file of a run?");
  Result<RunLog> log = run_log_from_json(dumped(document.at("log")));
  if (!log) throw ArgumentError((folder / "run.json").string() + ": " + log.error());
  return std::move(*log);
}

std::string divergence_of(const std::filesystem::path& folder) {
  const Json document = read_document(folder);
  return document.contains("divergence") && document["divergence"].is_string() ? document["divergence"].get<std::string>() : "";
}

}  // namespace rectify::observe
