// rectify report: saved runs in one page, side by side.
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run_report.h"
#include "rectify/base/error.h"
#include "rectify/base/files.h"

namespace rectify::cli {
namespace {

class Report : public Command {
 public:
  std::string name() const override { return "report"; }
  std::string description() const override { return "one HTML page about one or several saved runs, several side by side"; }
  std::string examples() const override { return "  rectify report runs/relu runs/sigmoid runs/mish --out runs/report.html"; }

  void declare(Options& options) override {
    options.positionals("runs", runs_, "folders of runs, in the order in which they are shown");
    options.text("--out", out_, "FILE.html", "the page; it holds everything and needs neither scripts nor a network");
  }

  int run() override {
    if (!out_) throw ArgumentError("[report] --out is missing. Name the page to write, for example --out report.html.");
    require_writable_file(*out_);
    std::vector<report::RunSummary> summaries;
    for (const std::string& folder : runs_) summaries.push_back(summarise_run(folder));
    write_file(*out_, report::html(summaries));
    say("wrote " + *out_);
    return 0;
  }

 private:
  std::vector<std::string> runs_;
  std::optional<std::string> out_;
};

}  // namespace

std::unique_ptr<Command> report_command() { return std::make_unique<Report>(); }

}  // namespace rectify::cli
