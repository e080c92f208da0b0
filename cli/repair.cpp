// rectify repair: the remedy for what is wrong with a run, proven on a fork, and the run with it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "cli/run_report.h"
#include "rectify/base/files.h"
#include "rectify/diagnose/diagnose.h"
#include "rectify/diagnose/finding_json.h"
#include "rectify/diagnose/repair.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/observe/recorder.h"
#include "rectify/observe/run_folder.h"
#include "rectify/observe/watch.h"

namespace rectify::cli {
namespace {

constexpr int bad_answer = 1;

/// A run as it went, and how it ends on new samples.
struct Original {
  diagnose::Subject subject;
  train::Evaluation test;
  int64_t steps = 0;
};

Json json_of(const train::Evaluation& evaluation, nn::Loss loss) {
  return {{"test_loss", json_number(evaluation.loss)}, {"test_accuracy", nn::is_classification(loss) ? json_number(evaluation.accuracy) : Json(nullptr)}};
}

Json json_of(const diagnose::Attempt& attempt) {
  Json json{{"remedy", to_string(attempt.remedy)}};
  if (!attempt.fork) {
    json["refused"] = attempt.refusal;
    return json;
  }
  const diagnose::ForkResult& fork = *attempt.fork;
  json.update({{"loss_without", json_number(fork.loss_without)}, {"loss_with", json_number(fork.loss_with)}, {"difference", json_number(fork.difference)},
               {"low", json_number(fork.low)}, {"high", json_number(fork.high)}, {"samples", fork.samples}, {"batches", fork.batches}, {"proven", attempt.proven}});
  return json;
}

std::string shown(const diagnose::Attempt& attempt) {
  if (!attempt.fork) return fmt::format("  {:<60}  cannot be done: {}\n", to_string(attempt.remedy), attempt.refusal);
  const diagnose::ForkResult& fork = *attempt.fork;
  return fmt::format("  {:<60}  {:>9.4g}  {:>9.4g}  {:>9.4g} [{:.4g}, {:.4g}]  {}\n", to_string(attempt.remedy), fork.loss_without, fork.loss_with, fork.difference, fork.low, fork.high,
                     attempt.proven ? "proven" : "not proven");
}

class Repair : public Command {
 public:
  std::string name() const override { return "repair"; }
  std::string description() const override { return "find the one change that makes a run well, prove it on a fork of the training, and train with it"; }
  std::string examples() const override { return "  rectify repair runs/first --out runs/fixed\n  rectify repair lab/cases/all_zero.json --out runs/fixed --json"; }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run, or a configuration that `rectify train --config` takes");
    options.text("--out", out_, "FOLDER", "where to write the repaired run");
    process_.declare(options);
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    if (!out_) throw ArgumentError("[repair] --out is missing. Name the folder of the repaired run.");
    process_.apply();
    require_writable_folder(*out_);
    const Interrupt interrupt;
    const train::RunConfiguration configuration = read();
    const Original original = look_at(configuration);
    std::vector<diagnose::Finding> findings = diagnose::diagnose(original.subject);
    const bool sick = !findings.empty() && findings.front().level != diagnose::Level::info;

    diagnose::Repair repair{.checkpoint = {.run = train::prepare(configuration), .step = 0}, .adopted = {}, .attempts = {}, .steps = 0};
    if (sick) {
      go_to(repair.checkpoint, step_before(findings.front(), original.subject.log));
      repair = diagnose::repair(repair.checkpoint, findings, original.subject);
      findings = diagnose::with_proof(std::move(findings), repair);
    }
    Json json{{"run", *run_}, {"findings", Json::parse(diagnose::to_json(findings))}, {"attempts", Json::array()}, {"adopted", nullptr}};
    std::string text;
    for (const diagnose::Finding& finding : findings) text += diagnose::to_string(finding) + "\n";
    if (!repair.attempts.empty()) text += fmt::format("  {:<60}  {:>9}  {:>9}  {}\n", "remedy", "without", "with", "difference [95 % interval]");
    for (const diagnose::Attempt& attempt : repair.attempts) {
      json["attempts"].push_back(json_of(attempt));
      text += shown(attempt);
    }
    if (!repair.adopted) {
      text += sick ? "No remedy is proven to help; nothing was written.\n" : "Nothing to repair: this network is healthy.\n";
      json_ ? print_json(json) : print(text);
      return sick ? bad_answer : 0;
    }
    return train_on(repair, original, std::move(json), std::move(text));
  }

 private:
  bool is_folder() const { return std::filesystem::is_directory(*run_); }

  train::RunConfiguration read() const {
    const std::filesystem::path path(*run_);
    return train::read_configuration(is_folder() ? path / "run.json" : path);
  }

  /// What became of the run. A configuration alone is trained to see it.
  Original look_at(const train::RunConfiguration& configuration) const {
    const std::filesystem::path path(*run_);
    train::Prepared beginning = train::prepare(configuration);
    if (is_folder()) {
      nn::Sequential model = train::load_model(path / "model.safetensors");
      const observe::RunLog log = observe::load_run_log(path);
      return {.subject = diagnose::subject_of(beginning, log.watch.value_or(observe::WatchLog{}), model, observe::divergence_of(path)),
              .test = train::evaluate(model, beginning.data.test, beginning.options.loss), .steps = log.epochs.empty() ? 0 : log.epochs.back().step};
    }
    train::Prepared trained = train::prepare(configuration);
    trained.options.stop = &Interrupt::flag();
    observe::Watch watch(trained.model);
    const train::TrainResult result = train::fit(trained.model, *trained.optimiser, trained.data, trained.options);
    return {.subject = diagnose::subject_of(beginning, watch.log(), trained.model, result.divergence), .test = train::evaluate(trained.model, trained.data.test, trained.options.loss),
            .steps = result.epochs.empty() ? 0 : result.epochs.back().step};
  }

  /// The last step of which all was still well: the end of the window before that in which it was first seen.
  static int64_t step_before(const diagnose::Finding& finding, const observe::WatchLog& log) {
    if (finding.since_step == 0) return 0;
    const auto window = std::ranges::find_if(log.windows, [&](const observe::Window& one) { return one.last_step >= finding.since_step; });
    return window == log.windows.end() || window->first_step == 0 ? 0 : window->first_step - 1;
  }

  /// The training repeats itself, bit for bit, up to there.
  static void go_to(diagnose::Checkpoint& checkpoint, int64_t step) {
    train::Prepared& run = checkpoint.run;
    if (step > 0) checkpoint.step = train::take_steps(run.model, *run.optimiser, run.data.train, run.options, step).steps;
  }

  int train_on(diagnose::Repair& repair, const Original& original, Json json, std::string text) const {
    train::Prepared& run = repair.checkpoint.run;
    run.options.first_step = repair.checkpoint.step;
    run.options.stop = &Interrupt::flag();
    const nn::Loss loss = run.options.loss;
    observe::Watch watch(run.model);
    observe::Recorder recorder(loss);
    Progress progress(nn::is_classification(loss), on_terminal());
    train::Listener* const listeners[] = {&recorder, &progress};
    const train::TrainResult result = train::fit(run.model, *run.optimiser, run.data, run.options, listeners);
    progress.finish();
    observe::RunLog log = recorder.log();
    log.watch = watch.log();
    observe::write_run_folder(*out_, run, result, log, RECTIFY_VERSION);

    const train::Evaluation repaired = train::evaluate(run.model, run.data.test, loss);
    json["adopted"] = to_string(*repair.adopted);
    json["from_step"] = repair.checkpoint.step;
    json["fork_steps"] = repair.steps;
    json["before"] = json_of(original.test, loss);
    json["after"] = json_of(repaired, loss);
    json["out"] = *out_;
    write_file(std::filesystem::path(*out_) / "repair.json", json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    write_file(std::filesystem::path(*out_) / "report.html", report::html({summarise_run(*out_)}));
    text += fmt::format("\nAdopted at step {}: {}. The proof took {} steps.\n", repair.checkpoint.step, to_string(*repair.adopted), repair.steps);
    text += fmt::format("  {:<12}  {:>9}  {:>9}\n  {:<12}  {:>9.4g}  {:>9.4g}\n", "", "before", "after", "test loss", original.test.loss, repaired.loss);
    if (nn::is_classification(loss)) text += fmt::format("  {:<12}  {:>9.4f}  {:>9.4f}\n", "accuracy", original.test.accuracy, repaired.accuracy);
    json_ ? print_json(json) : print(text);
    if (result.stopped) return interrupted_status;
    return result.diverged ? bad_answer : 0;
  }

  std::optional<std::string> run_, out_;
  ProcessOptions process_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> repair_command() { return std::make_unique<Repair>(); }

}  // namespace rectify::cli
