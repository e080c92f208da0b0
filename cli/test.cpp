// rectify test: a saved run on new labelled data.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "rectify/data/load.h"
#include "rectify/nn/loss.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

/// How many samples of each class there are, and how many of them were recognised.
Json by_class(const std::vector<std::string>& names, const Tensor& predicted, const Tensor& target) {
  std::vector<int64_t> samples(names.size()), right(names.size());
  for (int64_t i = 0; i < target.size(); ++i) {
    const auto truth = static_cast<size_t>(target.data<int64_t>()[i]);
    ++samples[truth];
    if (predicted.data<int64_t>()[i] == target.data<int64_t>()[i]) ++right[truth];
  }
  Json classes = Json::array();
  for (size_t k = 0; k < names.size(); ++k) classes.push_back({{"name", names[k]}, {"samples", samples[k]}, {"right", right[k]}});
  return classes;
}

class Test : public Command {
 public:
  std::string name() const override { return "test"; }
  std::string description() const override { return "measure a saved run on new labelled data, prepared as its training data were"; }
  std::string examples() const override { return "  rectify test runs/first --data fashion-mnist\n  rectify test runs/flowers --data new_flowers.csv --json"; }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run");
    options.text("--data", data_, "DATA", "as for train; columns are matched by name, labels are required");
    process_.declare(options);
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    if (!data_) throw ArgumentError("[test] --data is missing. Name labelled data, for example --data new.csv.");
    process_.apply();
    train::SavedRun saved = train::load_run(*run_);
    const nn::Loss loss = nn::find_loss(saved.configuration.loss).value();
    const data::Part part = data::load_new(saved.preprocessing, *data_, true);
    const train::Evaluation result = train::evaluate(saved.model, part, loss);
    const bool classification = nn::is_classification(loss);
    Json json{{"run", *run_}, {"data", *data_}, {"samples", part.size()}, {"loss", json_number(result.loss)}};
    json["accuracy"] = classification ? json_number(result.accuracy) : Json(nullptr);
    std::string text = fmt::format("{} samples\nloss {:.4f}\n", part.size(), result.loss);
    if (classification) {
      json["classes"] = by_class(saved.preprocessing.class_names, nn::predicted_classes(train::predict(saved.model, part.input)), part.target);
      text += fmt::format("accuracy {:.4f}\n", result.accuracy);
      for (const Json& one : json["classes"]) {
        text += fmt::format("  {}: {} of {}\n", one["name"].get<std::string>(), one["right"].get<int64_t>(), one["samples"].get<int64_t>());
      }
    }
    json_ ? print_json(json) : print(text);
    return 0;
  }

 private:
  std::optional<std::string> run_, data_;
  ProcessOptions process_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> test_command() { return std::make_unique<Test>(); }

}  // namespace rectify::cli
