// rectify benchmark: how fast the installed program is on this machine, beside what the machine could do. The questions and their cases are those of bench/.
#include <fmt/format.h>

#include <algorithm>

#include "bench/kernel_cases.h"
#include "bench/peers/rectify.h"
#include "bench/product_cases.h"
#include "bench/step_cases.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "rectify/base/error.h"

namespace rectify::cli {
namespace {

struct Question {
  const char* name;
  bench::Report (*ask)(const bench::Inquiry& inquiry);
};

constexpr Question questions[] = {
    {"steps", [](const bench::Inquiry& inquiry) { return bench::ask_steps(inquiry); }},
    {"products", bench::ask_products},
    {"activations", [](const bench::Inquiry& inquiry) { return bench::ask_kernels(inquiry, 0); }},
};

class Benchmark : public Command {
 public:
  std::string name() const override { return "benchmark"; }
  std::string description() const override { return "measure the time of training steps, matrix products and activations on this machine"; }
  std::string examples() const override {
    return "  rectify benchmark\n  rectify benchmark products --rounds 50\n  rectify benchmark steps --json > steps.json\n\n"
           "./benchmark in the source tree prints the same beside the libraries that are installed.";
  }

  void declare(Options& options) override {
    options.positional("question", question_, "steps, products or activations; all of them without it", false);
    options.text("--rounds", rounds_, "N", "how often everything is measured; default: 15");
    options.text("--target", process_.target, "NAME", "SIMD target: auto (default), or one that this CPU has, such as avx512, avx2, scalar");
    options.flag("--strict", strict_, "exit status 1 if an aim is missed");
    options.flag("--json", json_, "every repetition as one JSON document on standard output");
  }

  int run() override {
    bench::Inquiry inquiry{.libraries = {bench::rectify_library()}};
    inquiry.sampling.rounds = static_cast<int>(std::min<int64_t>(whole_number("--rounds", rounds_.value_or("15"), 1), 10000));
    inquiry.print = [this](const std::string& text) {
      if (!json_) print(text);
    };
    const bool known = !question_ || std::ranges::find(questions, *question_, &Question::name) != std::end(questions);
    if (!known) throw ArgumentError(fmt::format("[benchmark] '{}' is no question. Name steps, products or activations, or none for all.", *question_));
    process_.apply();
    Json document;
    bool reached = true;
    for (const Question& question : questions) {
      if (question_ && *question_ != question.name) continue;
      const bench::Report report = question.ask(inquiry);
      document[question.name] = report.json();
      reached = reached && report.reached();
      inquiry.print("\n");
    }
    inquiry.print("Beside other libraries: ./benchmark in the source tree.\n");
    if (json_) print_json(document);
    return strict_ && !reached ? 1 : 0;
  }

 private:
  std::optional<std::string> question_, rounds_;
  ProcessOptions process_;
  bool strict_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> benchmark_command() { return std::make_unique<Benchmark>(); }

}  // namespace rectify::cli
