// rectify repair: a run once more, and this time what goes wrong is repaired.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/finding_text.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "cli/run_report.h"
#include "rectify/base/files.h"
#include "rectify/observe/recorder.h"
#include "rectify/observe/run_folder.h"

namespace rectify::cli {
namespace {

constexpr int bad_answer = 1;

Json json_of(const train::Evaluation& evaluation, nn::Loss loss) {
  return {{"test_loss", json_number(evaluation.loss)}, {"test_accuracy", nn::is_classification(loss) ? json_number(evaluation.accuracy) : Json(nullptr)}};
}

class Repair : public Command {
 public:
  std::string name() const override { return "repair"; }
  std::string description() const override { return "train a run once more, find what goes wrong, prove one change on a fork of the training, and go on with it"; }
  std::string examples() const override { return "  rectify repair runs/first --out runs/fixed\n  rectify repair lab/cases/all_weights_zero.json --out runs/fixed --json"; }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run, or a configuration that `rectify train --config` takes");
    options.text("--out", out_, "FOLDER", "where to write the repaired run, and repair.json with what was tried");
    process_.declare(options);
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    if (!out_) throw ArgumentError("[repair] --out is missing. Name the folder of the repaired run.");
    require_other_folder(*run_, *out_);
    process_.apply();
    require_writable_folder(*out_);
    const Interrupt interrupt;
    const std::filesystem::path path(*run_);
    const bool folder = std::filesystem::is_directory(path);
    train::Prepared prepared = train::prepare(train::read_configuration(folder ? path / "run.json" : path));
    prepared.options.stop = &Interrupt::flag();
    const nn::Loss loss = prepared.options.loss;
    std::optional<train::Evaluation> before;
    if (folder) {
      nn::Sequential original = train::load_model(path / "model.safetensors");
      before = train::evaluate(original, prepared.data.test, loss);
    }

    observe::Recorder recorder(loss);
    Progress progress(nn::is_classification(loss), on_terminal());
    train::Listener* const listeners[] = {&recorder, &progress};
    diagnose::Mended mended = diagnose::train_and_repair(std::move(prepared), listeners);
    progress.finish();
    const bool repaired = std::ranges::any_of(mended.interruptions, [](const diagnose::Interruption& one) { return one.adopted.has_value(); });
    return tell(mended, repaired, before, recorder.log());
  }

 private:
  void write(diagnose::Mended& mended, observe::RunLog log, const Json& repair) const {
    log.watch = mended.log;
    observe::write_run_folder(*out_, mended.run, mended.result, log, RECTIFY_VERSION);
    write_file(std::filesystem::path(*out_) / "repair.json", repair.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    write_file(std::filesystem::path(*out_) / "report.html", report::html({summarise_run(*out_)}));
  }

  int tell(diagnose::Mended& mended, bool repaired, const std::optional<train::Evaluation>& before, const observe::RunLog& log) const {
    const nn::Loss loss = mended.run.options.loss;
    const train::Evaluation after = train::evaluate(mended.run.model, mended.run.data.test, loss);
    Json interruptions = Json::array();
    std::string text;
    for (const diagnose::Interruption& interruption : mended.interruptions) {
      interruptions.push_back(cli::json_of(interruption));
      text += text_of(interruption) + "\n";
    }
    const Json json{{"run", *run_},
                    {"repaired", repaired},
                    {"interruptions", std::move(interruptions)},
                    {"steps", mended.steps},
                    {"planned_steps", mended.planned_steps},
                    {"before", before ? json_of(*before, loss) : Json(nullptr)},
                    {"after", json_of(after, loss)},
                    {"out", repaired ? Json(*out_) : Json(nullptr)}};
    if (repaired) {
      write(mended, log, json);
      text += fmt::format("{} steps were taken, {} are in the run.\n  {:<12}  {:>9}  {:>9}\n", mended.steps, mended.planned_steps, "", before ? "before" : "", "after");
      const auto line = [&](const char* what, double was, double is) { text += fmt::format("  {:<12}  {:>9}  {:>9.4g}\n", what, before ? fmt::format("{:.4g}", was) : "", is); };
      line("test loss", before ? before->loss : 0, after.loss);
      if (nn::is_classification(loss)) line("accuracy", before ? before->accuracy : 0, after.accuracy);
    } else {
      text += mended.interruptions.empty() ? "Nothing to repair: this network is healthy.\n" : "Nothing was written.\n";
    }
    json_ ? print_json(json) : print(text);
    if (mended.result.stopped) return interrupted_status;
    return (!repaired && !mended.interruptions.empty()) || mended.result.diverged ? bad_answer : 0;
  }

  std::optional<std::string> run_, out_;
  ProcessOptions process_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> repair_command() { return std::make_unique<Repair>(); }

}  // namespace rectify::cli
