// rectify prune: a saved run without the units that never say anything.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "cli/run_report.h"
#include "rectify/base/files.h"
#include "rectify/data/load.h"
#include "rectify/diagnose/prune.h"
#include "rectify/nn/loss.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

Json json_of(const diagnose::PrunedLayer& layer) {
  Json json{{"layer", layer.layer}, {"text", layer.text}, {"units", layer.units}, {"silent", layer.silent}, {"removed", layer.removed}};
  if (!layer.reason.empty()) json["reason"] = layer.reason;
  return json;
}

std::string line_of(const diagnose::PrunedLayer& layer) {
  std::string line = fmt::format("layer {}, {}: {} of {} units removed", layer.layer, layer.text, layer.removed.size(), layer.units);
  const int64_t stay = layer.silent - static_cast<int64_t>(layer.removed.size());
  return stay == 0 ? line : line + fmt::format("; {} silent {} stay{}: {}", stay, stay == 1 ? "unit" : "units", stay == 1 ? "s" : "", layer.reason);
}

/// The samples that the run was trained on. Throws ArgumentError if they are others now.
Tensor training_inputs(const train::SavedRun& run) {
  const bool regression = !nn::is_classification(nn::find_loss(run.configuration.loss).value());
  const data::Dataset data = data::load(parse_specification(run.configuration.data, "data").or_throw(), {.task = regression ? std::optional(data::Task::regression) : std::nullopt});
  if (data.preprocessing != run.preprocessing) {
    throw ArgumentError("[prune] the data of the run, " + run.configuration.data + ", are prepared otherwise now than when it was trained. Put the files back as they were.");
  }
  return data.train.input;
}

class Prune : public Command {
 public:
  std::string name() const override { return "prune"; }
  std::string description() const override { return "remove units whose output is 0 on all training data; what the network answers for those data stays the same, bit for bit"; }
  std::string examples() const override { return "  rectify prune runs/first --out runs/smaller\n  rectify prune runs/first --out runs/smaller --json"; }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run");
    options.text("--out", out_, "FOLDER", "where to write model.safetensors, run.json and report.html of the smaller network");
    process_.declare(options);
    options.flag("--json", json_, "what was removed as one JSON document on standard output");
  }

  int run() override {
    if (!out_) throw ArgumentError("[prune] --out is missing. Name a folder for the smaller network, for example --out runs/smaller.");
    require_other_folder(*run_, *out_);
    process_.apply();
    train::SavedRun saved = train::load_run(*run_);
    require_writable_folder(*out_);
    const Tensor inputs = training_inputs(saved);
    diagnose::Pruned pruned = diagnose::prune(saved.model, inputs);
    const Json result = summary(pruned, inputs.size(0));
    write(pruned.model, inputs.size(1), result);
    if (json_) {
      print_json(result);
      return 0;
    }
    std::string text;
    for (const diagnose::PrunedLayer& layer : pruned.layers) text += line_of(layer) + "\n";
    print(text + fmt::format("{} of {} parameters are left; the outputs for {} training samples are the same bits\n", pruned.parameters_after, pruned.parameters_before, inputs.size(0)));
    return 0;
  }

 private:
  Json summary(const diagnose::Pruned& pruned, int64_t samples) const {
    int64_t removed = 0;
    Json layers = Json::array();
    for (const diagnose::PrunedLayer& layer : pruned.layers) {
      removed += static_cast<int64_t>(layer.removed.size());
      layers.push_back(json_of(layer));
    }
    return {{"run", *run_}, {"out", *out_}, {"samples", samples}, {"units_removed", removed}, {"parameters_before", pruned.parameters_before}, {"parameters_after", pruned.parameters_after}, {"layers", layers}};
  }

  /// The run with the smaller network; its history stays the one of the training that led to it.
  void write(nn::Sequential& model, int64_t features, const Json& pruned) const {
    const fs::path from(*run_), to(*out_);
    Json document = Json::parse(read_file(from / "run.json"));
    document["configuration"]["network"] = model.specification();
    if (document.contains("summary")) document["summary"]["weights_sha256"] = train::weights_sha256(model);
    // What was watched counts units by their old numbers, and some of them are gone.
    if (document.contains("log")) document["log"].erase("watch");
    document["pruned"] = pruned;
    train::save_model(to / "model.safetensors", model, Shape{features});
    write_file(to / "run.json", document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    write_file(to / "report.html", report::html({summarise_run(to)}));
  }

  std::optional<std::string> run_, out_;
  ProcessOptions process_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> prune_command() { return std::make_unique<Prune>(); }

}  // namespace rectify::cli
