// What a cause is, decided without any tool: it is one if the single change that takes it away cures. Humbatova et al. 2025 found that a benchmark that knows only the fault it planted calls
// right answers wrong.
#pragma once

#include <string>
#include <vector>

#include "bench/diagnosis/case.h"

namespace bench::diagnosis {

/// One change to a case's text, and the cause that is not there afterwards.
struct Fix {
  std::string name;  ///< "learning rate times 0.1"
  rectify::diagnose::Cause cause;
  Case fixed;
};

/// All single changes that make sense for the case, those for one cause one after the other. A cause is left out where the case does not have what it names: biases below 0, weights
/// larger than calibrated ones, an activation after the last layer, ...
std::vector<Fix> single_fixes(const Case& sick);

}  // namespace bench::diagnosis
