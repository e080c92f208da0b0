// Results as a file of JSON lines, one per trial, so that a benchmark of hours can be broken off and goes on where it was.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bench/diagnosis/case.h"

namespace bench::diagnosis {

using Json = nlohmann::json;

/// What a line is for. `what` tells trials of one case and seed apart: the name of a fix.
struct TrialKey {
  std::string name, fingerprint, what;
  uint64_t seed = 0;
  auto operator<=>(const TrialKey&) const = default;
};
TrialKey key_of(const Case& planted, uint64_t seed, const std::string& what = "");

class Results {
 public:
  /// Reads what the file has; a last line that was cut off is dropped. Throws FileError if it cannot be written, ArgumentError for a line before the last that is none of ours.
  explicit Results(const std::filesystem::path& path);
  /// The result, or nothing. A line of a case that has changed since is not found.
  std::optional<Json> find(const TrialKey& key) const;
  /// Appends a line at once. May be called from several threads.
  void add(const TrialKey& key, const Json& result);

 private:
  std::filesystem::path path_;
  std::ofstream file_;
  std::map<TrialKey, Json> results_;
  mutable std::mutex mutex_;
};

/// JSON has no infinity: a number that is not finite is null, and null is +infinity.
Json to_json(double number);
double number_of(const Json& json);

}  // namespace bench::diagnosis
