// The border between specifications and data: what a text asks for, with its files read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/specification.h"
#include "rectify/data/source.h"

namespace rectify::data {

struct Request {
  Source source;
  std::optional<Source> test_source;
  double test = 0;        ///< share of `source`, used without a test_source
  double validation = 0;  ///< share of what remains
  Scale scale = Scale::none;
  uint64_t seed = 0;
  int64_t groups = 0;  ///< of a toy set
  bool takes_task = false;
  std::optional<Task> task;
  std::vector<std::string> class_names;  ///< where the set itself has names for its classes
  Specification full;                    ///< with all defaults filled in, `task` excepted
};

/// Reads the files of a specification of training data; see load().
Request read_request(const Specification& specification);

/// Reads the files of a specification of new data; see load_new().
Source read_new_source(const Specification& specification, const Preprocessing& preprocessing);

void add_argument(Specification& specification, std::string_view name, std::string_view text);
void add_argument(Specification& specification, std::string_view name, const Number& value);

}  // namespace rectify::data
