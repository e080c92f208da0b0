#include "bench/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "rectify/base/error.h"

namespace bench {

Program::Program(std::string name, const std::string& description, int rounds) : app(description, name), sampling{.rounds = rounds}, name_(std::move(name)) {
  app.add_flag("--strict", strict_, "exit status 1 if an aim is missed");
  app.add_option("--json", json_, "write every repetition to this file");
  app.add_option("--rounds", sampling.rounds, "how often everything is measured")->check(CLI::Range(1, 10000))->capture_default_str();
}

void Program::ask_for_setting() {
  app.add_option("--setting", setting_, "whose aims hold: those against libraries as they are installed, or as they are tuned by environment variables (see ./benchmark)")
      ->check(CLI::IsMember({"installed", "tuned"}))
      ->capture_default_str();
}

int Program::run(int argument_count, char** arguments, const std::function<Report()>& body) {
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "[{}] {}. See --help.\n", name_, error.what());
    return 2;
  }
  try {
    // Before anything is measured, since that takes long.
    if (!json_.empty() && !std::ofstream(json_)) throw rectify::FileError(fmt::format("{} cannot be written. Name a file in a folder that exists.", json_));
    const Report report = body();
    if (!json_.empty()) {
      std::ofstream file(json_);
      file << report.json().dump(1) << "\n";
      if (!file.flush()) throw rectify::FileError(fmt::format("{} cannot be written. Is the disk full?", json_));
    }
    return strict_ && !report.reached() ? 1 : 0;
  } catch (const Disagreement& error) {
    fmt::print(stderr, "[{}] the libraries do not compute the same: {}. Nothing is measured until they do.\n", name_, error.what());
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "[{}] {}\n", name_, error.what());
    return 3;
  }
}

}  // namespace bench
