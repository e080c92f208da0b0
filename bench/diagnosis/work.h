// Trials share out among few threads; each training itself runs on one.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench::diagnosis {

struct Task {
  std::string name;  ///< for the line about progress
  std::function<void()> run;
};

/// Runs all of them on `threads` threads, in order of their start. On a terminal says on standard error how far it is. The first exception stops the rest and is rethrown.
void run_all(const std::string& title, const std::vector<Task>& tasks, int threads);

}  // namespace bench::diagnosis
