// rectify train: from a specification to a trained network, its run folder and its report.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/finding_text.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "cli/run_report.h"
#include "rectify/base/files.h"
#include "rectify/diagnose/live.h"
#include "rectify/diagnose/mend.h"
#include "rectify/observe/recorder.h"
#include "rectify/observe/run_folder.h"
#include "rectify/observe/watch.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

constexpr int bad_answer = 1;

/// The numbers of a result as lines for people.
std::string shown(const Json& summary) {
  std::string text;
  for (const auto& [key, value] : summary.items()) {
    if (value.is_null()) continue;
    text += fmt::format("{:<20}{}\n", key, value.is_string() ? value.get<std::string>() : value.is_number_float() ? fmt::format("{:.6g}", value.get<double>()) : value.dump());
  }
  return text;
}

class Train : public Command {
 public:
  std::string name() const override { return "train"; }
  std::string description() const override { return "train a network; the same specification and seed give the same weights, bit for bit"; }
  std::string examples() const override {
    return "  rectify train --data fashion-mnist --net \"linear(256), mish, linear(128), mish, linear(10)\" --epochs 5 --out runs/first\n"
           "  rectify train --data \"spirals(n=600, noise=0.1, seed=3)\" --net \"linear(32), tanh, linear(2)\" --optimiser \"adam(lr=0.01)\" --epochs 50\n"
           "  rectify train --data moons --net \"linear(64), swiglu, linear(2)\" --epochs 20\n"
           "  rectify train --data moons --net 'linear(64), formula(\"x*sigmoid(beta*x)\", beta=1), linear(2)'      an activation of your own\n"
           "  rectify train --data \"csv(flowers.csv, label=species)\" --net \"linear(16, init=he), relu, linear(3)\" --json\n"
           "  rectify train --config runs/first/run.json --seed 2 --out runs/second";
  }

  void declare(Options& options) override {
    options.text("--data", data_, "DATA", "fashion-mnist, a toy set (xor, moons, circles, spirals, blobs), csv(...), npy(...), idx(...), or the path of a .csv or .npy file");
    options.text("--net", network_, "LAYERS", "the network, layer by layer; the inputs of each layer follow from what comes before");
    options.text("--optimiser", optimiser_, "OPTIMISER", "sgd, momentum, nesterov, adam (default), adamw, rmsprop; for example \"sgd(lr=0.01, momentum=0.9)\"; each takes clip=1, the largest norm of the gradient");
    options.text("--schedule", schedule_, "SCHEDULE",
                 "of the learning rate: constant (default), step(every=10, factor=0.1), cosine(minimum=0), spike(at=1, length=1, factor=100), each with warmup=0 epochs");
    options.text("--loss", loss_, "LOSS", "cross_entropy (default), nll, bce_with_logits; mse or mae for numbers");
    options.text("--init", init_, "SCHEME", "of weights without an init= of their own: calibrated (default: for the activation that follows), he_normal, xavier_uniform, ...");
    options.text("--batch", batch_, "N", "samples per step; default 128");
    options.text("--shards", shards_, "S", "how a batch's gradient is summed: S shards, each by itself, then a fixed tree; part of the bits; default 1");
    options.text("--epochs", epochs_, "N", "passes over the training data; default 5");
    options.text("--seed", seed_, "N", "of weights and shuffling; default 0");
    options.text("--config", config_, "RUN.JSON", "repeat that run; options given beside it replace its settings");
    options.flag("--no-watch", no_watch_, "do not watch what the units do; by default a fault is told when it appears, run.json has the log for rectify diagnose, and training takes 1 to 5 % longer");
    options.flag("--repair", repair_, "when a fault appears, try remedies on forks of the training and go on with the one that is proven; what was done is told, and the weights depend on it");
    options.text("--out", out_, "FOLDER", "where to write model.safetensors, run.json and report.html; without it nothing is kept");
    process_.declare(options);
    options.flag("--json", json_, "the result as one JSON document on standard output");
  }

  int run() override {
    const train::RunConfiguration wanted = configuration();
    if (repair_ && no_watch_) throw ArgumentError("[train] --repair needs the watch that --no-watch turns off. Give one of them.");
    process_.apply();
    if (out_) require_writable_folder(*out_);
    const Interrupt interrupt;
    train::Prepared prepared = train::prepare(wanted);
    prepared.options.stop = &Interrupt::flag();

    const nn::Loss loss = prepared.options.loss;
    observe::Recorder recorder(loss);
    Progress progress(nn::is_classification(loss), on_terminal());
    std::vector<train::Listener*> listeners{&recorder, &progress};
    if (repair_) return train_and_repair(std::move(prepared), recorder, progress);
    std::optional<diagnose::LiveDiagnosis> diagnosis;
    TellsOnce tells;
    if (!no_watch_) listeners.push_back(&diagnosis.emplace(prepared, [&](const std::vector<diagnose::Finding>& findings, int64_t step) { tells(findings, step); }));
    const train::TrainResult result = train::fit(prepared.model, *prepared.optimiser, prepared.data, prepared.options, listeners);
    progress.finish();
    observe::RunLog log = recorder.log();
    if (diagnosis) log.watch = diagnosis->log();
    return finish(prepared, result, log);
  }

 private:
  train::RunConfiguration configuration() const {
    train::RunConfiguration configuration;
    if (config_) configuration = train::read_configuration(*config_);
    const auto replace = [](std::string& setting, const std::optional<std::string>& given) {
      if (given) setting = *given;
    };
    replace(configuration.data, data_), replace(configuration.network, network_), replace(configuration.optimiser, optimiser_);
    replace(configuration.schedule, schedule_), replace(configuration.loss, loss_), replace(configuration.init, init_);
    if (batch_) configuration.batch = whole_number("--batch", *batch_, 1);
    if (shards_) configuration.shards = whole_number("--shards", *shards_, 1);
    if (epochs_) configuration.epochs = whole_number("--epochs", *epochs_, 1);
    if (seed_) configuration.seed = seed_number("--seed", *seed_);
    if (configuration.data.empty()) throw ArgumentError("[train] --data is missing. Say what to learn from, for example --data fashion-mnist.");
    if (configuration.network.empty()) throw ArgumentError("[train] --net is missing. Describe the network, for example --net \"linear(64), relu, linear(10)\".");
    return configuration;
  }

  /// The same with remedies for what goes wrong.
  int train_and_repair(train::Prepared prepared, observe::Recorder& recorder, Progress& progress) const {
    train::Listener* const listeners[] = {&recorder, &progress};
    diagnose::Mended mended = diagnose::train_and_repair(std::move(prepared), listeners);
    progress.finish();
    for (const diagnose::Interruption& interruption : mended.interruptions) say(text_of(interruption));
    observe::RunLog log = recorder.log();
    log.watch = mended.log;
    return finish(mended.run, mended.result, log);
  }

  /// Writes what the run has, whole or not, and says how it ended.
  int finish(train::Prepared& prepared, const train::TrainResult& result, const observe::RunLog& log) const {
    if (out_) {
      observe::write_run_folder(*out_, prepared, result, log, RECTIFY_VERSION);
      write_file(std::filesystem::path(*out_) / "report.html", report::html({summarise_run(*out_)}));
    }
    Json summary = Json::parse(observe::summary_json(prepared, result));
    if (result.stopped) summary["stopped"] = "interrupted";
    if (result.diverged) summary["diverged"] = result.divergence;
    if (out_) summary["out"] = *out_;
    json_ ? print_json(summary) : print(shown(summary));
    if (result.diverged) {
      complain("[train] the run diverged at " + result.divergence + " Lower the learning rate or choose another initialisation.");
      return bad_answer;
    }
    if (result.stopped) {
      complain(out_ ? "interrupted; what the run has so far is in " + *out_ + "." : "interrupted.");
      return interrupted_status;
    }
    return 0;
  }

  std::optional<std::string> data_, network_, optimiser_, schedule_, loss_, init_, batch_, shards_, epochs_, seed_, config_, out_;
  ProcessOptions process_;
  bool json_ = false, no_watch_ = false, repair_ = false;
};

}  // namespace

std::unique_ptr<Command> train_command() { return std::make_unique<Train>(); }

}  // namespace rectify::cli
