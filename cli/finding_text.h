// Findings and repairs as the program says them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/output.h"
#include "rectify/diagnose/mend.h"

namespace rectify::cli {

/// Says on standard error what is found while a network trains: before the first step each warning, then each fault, and each cause once.
class TellsOnce {
 public:
  void operator()(const std::vector<diagnose::Finding>& findings, int64_t step);

 private:
  std::set<diagnose::Cause> told_;
};

/// The findings, the table of what was tried with the losses without and with it, and what was adopted.
std::string text_of(const diagnose::Interruption& interruption);
Json json_of(const diagnose::Interruption& interruption);

}  // namespace rectify::cli
