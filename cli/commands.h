// Every command of the program, one file each.
#pragma once

#include "cli/options.h"

namespace rectify::cli {

std::unique_ptr<Command> train_command();
std::unique_ptr<Command> test_command();
std::unique_ptr<Command> predict_command();
std::unique_ptr<Command> evaluate_command();
std::unique_ptr<Command> verify_command();
std::unique_ptr<Command> activations_command();
std::unique_ptr<Command> plot_command();
std::unique_ptr<Command> report_command();
std::unique_ptr<Command> prune_command();
std::unique_ptr<Command> benchmark_command();
std::unique_ptr<Command> diagnose_command();
std::unique_ptr<Command> repair_command();

/// In the order in which --help lists them.
inline Commands all_commands() {
  Commands commands;
  commands.push_back(train_command());
  commands.push_back(test_command());
  commands.push_back(predict_command());
  commands.push_back(diagnose_command());
  commands.push_back(repair_command());
  commands.push_back(report_command());
  commands.push_back(prune_command());
  commands.push_back(plot_command());
  commands.push_back(activations_command());
  commands.push_back(evaluate_command());
  commands.push_back(verify_command());
  commands.push_back(benchmark_command());
  return commands;
}

}  // namespace rectify::cli
