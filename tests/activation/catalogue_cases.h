// The catalogue as a parameter of test suites: a new activation is tested by every one of them without a new test.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/limits.h"

namespace rectify::activation {

/// What GoogleTest prints for a parameter.
inline void PrintTo(Id id, std::ostream* out) { *out << spec(id).name; }

inline std::string case_name(const testing::TestParamInfo<Id>& info) { return std::string(spec(info.param).name); }

inline auto every_activation() {
  const auto ids = all();
  return testing::ValuesIn(std::vector<Id>(ids.begin(), ids.end()));
}

/// Other parameter values than the defaults, inside the ranges: one variant per factor.
inline std::vector<Function> with_other_parameters(Id id) {
  std::vector<Function> result;
  if (spec(id).parameter_count() == 0) return result;
  for (const double factor : {0.3, 0.7, 2.5, 13.0}) {
    Function function = make(id);
    for (int i = 0; i < spec(id).parameter_count(); ++i) {
      double& p = function.parameters[static_cast<size_t>(i)];
      p = p == 0 ? factor / 7 : p * factor;
    }
    const std::string_view requirement = spec(id).requirement;
    if (requirement.empty() || evaluate_limit(requirement, spec(id), function.parameters) == 1) result.push_back(function);
  }
  return result;
}

}  // namespace rectify::activation
