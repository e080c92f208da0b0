// A question, as its program and `rectify benchmark` put it: to whom, how often, under which aims.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/library.h"
#include "bench/report.h"
#include "bench/rounds.h"

namespace bench {

/// As which opponents the peers run. The environment decides that before the program starts; this is what the program is told of it.
enum class Setting { installed, tuned };

struct Inquiry {
  std::vector<Library> libraries;  ///< Rectify first
  Sampling sampling = {};
  Setting setting = Setting::installed;
  std::function<void(const std::string& text)> print = print_to_standard_output;  ///< where the table goes
};

/// Two libraries that should compute the same do not.
struct Disagreement : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr int thread_counts[] = {1, 2};

/// An empty report about these libraries, of which those that answer have columns beside the peak's; prints the settings.
Report begin_report(const Inquiry& inquiry, std::string title, Figure figure, std::vector<std::string> columns);

}  // namespace bench
