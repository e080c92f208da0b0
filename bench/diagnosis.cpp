// The question: are planted faults found, explained and repaired, and are healthy networks left alone? Beside the rules of others.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/diagnosis/study.h"
#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"

namespace {

using namespace bench::diagnosis;

void print_labels(const std::vector<Labelled>& labelled) {
  for (const Labelled& each : labelled) {
    double learnt = 1;
    for (const Outcome& outcome : each.outcomes) learnt = std::min(learnt, outcome.learnt());
    if (each.planted.planted) {
      fmt::print("{:50} p {:.5f}  effect {:7.3f}  {}\n", each.planted.name, each.harm.probability, each.harm.effect, each.harm.harmful ? "harmful" : "symptom only");
    } else {
      fmt::print("{:50} least learnt {:.3f}  {}\n", each.planted.name, learnt, each.healthy ? "healthy" : "does not count");
    }
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  CLI::App app("Planted faults and healthy networks, judged by Rectify and by the published rules of others.", "diagnosis");
  StudyOptions options;
  bool labels = false;
  app.add_flag("--subset", options.subset, "every seventh case, in about ten minutes");
  app.add_flag("--labels", labels, "only train the cases, and print which are harmful and which are healthy");
  app.add_option("--only", options.only, "only cases whose name contains this");
  app.add_option("--folder", options.folder, "of data and results; a second run goes on with what is there")->capture_default_str();
  app.add_option("--threads", options.threads, "trainings at a time")->check(CLI::Range(1, 64))->capture_default_str();
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "[diagnosis] {}. See --help.\n", error.what());
    return 2;
  }
  try {
    rectify::set_thread_count(1);
    const std::vector<Labelled> labelled = label(options);
    print_labels(labelled);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "[diagnosis] {}\n", error.what());
    return 3;
  }
}
