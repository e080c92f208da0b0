// rectify diagnose: what is wrong with a run, or with a network that has not been trained yet.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "rectify/diagnose/diagnose.h"
#include "rectify/diagnose/finding_json.h"
#include "rectify/diagnose/run_subject.h"

namespace rectify::cli {
namespace {

constexpr int bad_answer = 1;

class Diagnose : public Command {
 public:
  std::string name() const override { return "diagnose"; }
  std::string description() const override { return "say what is wrong with a run, why, where, since when, and the one change to make; of a configuration, before it is trained"; }
  std::string examples() const override {
    return "  rectify diagnose runs/first\n"
           "  rectify diagnose lab/cases/all_zero.json          before training\n"
           "  rectify diagnose runs/first --strict --json";
  }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run, or a configuration that `rectify train --config` takes");
    process_.declare(options);
    options.flag("--strict", strict_, "exit status 1 if there is a fault");
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    process_.apply();
    const std::vector<diagnose::Finding> findings = diagnose::diagnose(subject());
    const auto faults = std::ranges::count(findings, diagnose::Level::fault, &diagnose::Finding::level);
    if (json_) {
      print_json({{"run", *run_}, {"trained", trained_}, {"faults", faults}, {"findings", Json::parse(diagnose::to_json(findings))}});
    } else {
      std::string text;
      for (const diagnose::Finding& finding : findings) text += diagnose::to_string(finding) + "\n";
      const bool healthy = findings.empty() || findings.front().level == diagnose::Level::info;
      if (healthy) text += trained_ ? "This network is healthy.\n" : "Nothing is wrong with this network before training.\n";
      print(text);
    }
    return strict_ && faults > 0 ? bad_answer : 0;
  }

 private:
  diagnose::Subject subject() {
    const std::filesystem::path path(*run_);
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

  std::optional<std::string> run_;
  ProcessOptions process_;
  bool strict_ = false, json_ = false, trained_ = false;
};

}  // namespace

std::unique_ptr<Command> diagnose_command() { return std::make_unique<Diagnose>(); }

}  // namespace rectify::cli
