// What the programs of the questions share: their command line, and how they end.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "bench/inquiry.h"
#include "bench/report.h"
#include "bench/rounds.h"

namespace bench {

class Program {
 public:
  /// The options that every question has: --strict, --json, --rounds.
  Program(std::string name, const std::string& description, int rounds = 40);
  /// Declares --setting, for a question whose aims depend on it.
  void ask_for_setting();

  CLI::App app;
  Sampling sampling;
  Setting setting() const { return setting_ == "tuned" ? Setting::tuned : Setting::installed; }

  /// Parses, runs body() and writes its report to --json. The exit status: 0; 1 with --strict if an aim was missed, or if the libraries disagree; 2 for a wrong option;
  /// 3 if the machine does not let it run.
  int run(int argument_count, char** arguments, const std::function<Report()>& body);

 private:
  std::string name_, json_, setting_ = "installed";
  bool strict_ = false;
};

}  // namespace bench
