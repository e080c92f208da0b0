// rectify diagnose: what is wrong with a run, with a network that has not been trained yet, or with one of which only the weights are there.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "rectify/diagnose/diagnose.h"
#include "rectify/diagnose/finding_json.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/diagnose/thresholds.h"

namespace rectify::cli {
namespace {

constexpr int bad_answer = 1;

std::string losses(const diagnose::Subject& subject) {
  const diagnose::OutputMeasure& output = subject.output;
  return fmt::format("The loss on {} samples is {}; without looking at the input it would be {:.4g}.\n", subject.input.samples,
                     std::isfinite(output.loss) ? fmt::format("{:.4g}", output.loss) : "not finite", output.chance_loss);
}

class Diagnose : public Command {
 public:
  std::string name() const override { return "diagnose"; }
  std::string description() const override { return "say what is wrong with a run, why, where, since when, and the one change to make; of a configuration, before it is trained; of a model, on data"; }
  std::string examples() const override {
    return "  rectify diagnose runs/first\n"
           "  rectify diagnose lab/cases/all_zero.json          before training\n"
           "  rectify diagnose model.safetensors --data flowers.csv\n"
           "  rectify diagnose runs/first --strict --json";
  }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run, a configuration that `rectify train --config` takes, or a model: the .safetensors file of a run");
    options.text("--data", data_, "DATA", "of a model: what it was trained on, as for train; one pass over a sample of it shows what signals, gradients and units do");
    options.text("--loss", loss_, "LOSS", "of a model: as for train, cross_entropy by default");
    process_.declare(options);
    options.flag("--strict", strict_, "exit status 1 if there is a fault");
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    process_.apply();
    const diagnose::Subject subject = this->subject();
    const std::vector<diagnose::Finding> findings = diagnose::diagnose(subject);
    const auto faults = std::ranges::count(findings, diagnose::Level::fault, &diagnose::Finding::level);
    if (json_) {
      print_json({{"run", *run_},
                  {"trained", trained_},
                  {"loss", json_number(subject.output.loss)},
                  {"chance_loss", json_number(subject.output.chance_loss)},
                  {"faults", faults},
                  {"findings", Json::parse(diagnose::to_json(findings))}});
    } else {
      std::string text = subject.after_training ? losses(subject) : "";
      for (const diagnose::Finding& finding : findings) text += diagnose::to_string(finding) + "\n";
      if (findings.empty() || findings.front().level == diagnose::Level::info) text += verdict(subject);
      print(text);
    }
    return strict_ && faults > 0 ? bad_answer : 0;
  }

 private:
  /// What is said where nothing is found that is worse than an info.
  std::string verdict(const diagnose::Subject& subject) const {
    if (!trained_) return "Nothing is wrong with this network before training.\n";
    const bool learnt = !subject.after_training || subject.output.loss <= diagnose::border::stalled_share * subject.output.chance_loss;
    return learnt ? "This network is healthy.\n"
                  : "On these data it is not much better than an answer that does not look at the input, and nothing in it says why. If it was trained on others, give those.\n";
  }

  diagnose::Subject subject() {
    const std::filesystem::path path(*run_);
    if (path.extension() == ".safetensors") return subject_of_model(path);
    if (data_ || loss_) {
      throw ArgumentError(fmt::format("[diagnose] {} is not a model, which ends in .safetensors; a run and a configuration have their own data and loss. Leave out --data and --loss.", *run_));
    }
    if (!std::filesystem::is_directory(path)) {
      train::Prepared beginning = train::prepare(train::read_configuration(path));
      return diagnose::subject_of(beginning);
    }
    trained_ = true;
    diagnose::Subject subject = diagnose::subject_of(path);
    if (subject.log.windows.back().last_step == 0) {
      say(fmt::format("{} was trained without a watch: only its beginning and its end are looked at. `rectify train --config {}/run.json --out ...` repeats it, bit for bit.", *run_, *run_));
    }
    return subject;
  }

  diagnose::Subject subject_of_model(const std::filesystem::path& path) {
    if (!data_) throw ArgumentError("[diagnose] --data is missing. A model has no data of its own: name what it was trained on, or give the folder of its run.");
    trained_ = true;
    train::RunConfiguration task;
    task.data = *data_;
    if (loss_) task.loss = *loss_;
    train::ModelOnData loaded = train::load_model(path, task);
    diagnose::Subject subject = diagnose::examine(loaded.model, loaded.loss, loaded.data);
    subject.after_training = true;
    return subject;
  }

  std::optional<std::string> run_, data_, loss_;
  ProcessOptions process_;
  bool strict_ = false, json_ = false, trained_ = false;
};

}  // namespace

std::unique_ptr<Command> diagnose_command() { return std::make_unique<Diagnose>(); }

}  // namespace rectify::cli
