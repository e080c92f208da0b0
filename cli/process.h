// Options about how a command computes, never about what: they change the time and not a bit of the result.
#pragma once

#include "cli/options.h"

namespace rectify::cli {

struct ProcessOptions {
  std::optional<std::string> threads, target;

  void declare(Options& options);
  /// Sets the thread count and the SIMD target. Throws ArgumentError for values that make no sense here.
  void apply() const;
};

}  // namespace rectify::cli
