// The question: are planted faults found, explained and repaired, and are healthy networks left alone? Beside the rules of others.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/diagnosis/tables.h"
#include "rectify/base/files.h"
#include "rectify/base/thread_pool.h"

int main(int argument_count, char** arguments) {
  using namespace bench::diagnosis;
  CLI::App app("Planted faults and healthy networks, judged by Rectify and by the published rules of others.", "diagnosis");
  StudyOptions options;
  bool labels = false, tuning = false, no_repairs = false, again = false, trials = false;
  std::string markdown, note;
  app.add_flag("--subset", options.subset, "every seventh case, in about ten minutes");
  app.add_flag("--labels", labels, "only train the cases, and print which are harmful and which are healthy");
  app.add_flag("--again", again, "forget what Rectify said and repaired: its rules have changed");
  app.add_flag("--trials", trials, "a line for each training instead of the tables: what Rectify said and repaired");
  app.add_flag("--no-repairs", no_repairs, "leave out the repairs, which take longest");
  app.add_flag("--tuning", tuning, "the half that rules are tuned on, not the one that is reported");
  app.add_option("--markdown", markdown, "write the tables to this file, too");
  app.add_option("--note", note, "a text below the first table: what is missed, and why");
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
    if (tuning) options.half = Half::tuning;
    Study study(options);
    if (again) study.forget_ours();
    study.label();
    if (labels) {
      fmt::print("{}", labels_text(study));
      return 0;
    }
    study.find_causes();
    study.judge();
    if (!no_repairs) study.repair();
    if (trials) {
      fmt::print("{}", trials_text(study));
      return 0;
    }
    const std::string text = document(study, note);
    fmt::print("{}", text);
    if (!markdown.empty()) rectify::write_file(markdown, text);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "[diagnosis] {}\n", error.what());
    return 3;
  }
}
