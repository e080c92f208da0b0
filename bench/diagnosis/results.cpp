#include "bench/diagnosis/results.h"

#include <cmath>
#include <limits>
#include <sstream>

#include "rectify/base/error.h"
#include "rectify/base/files.h"

namespace bench::diagnosis {

TrialKey key_of(const Case& planted, uint64_t seed, const std::string& what) {
  return {.name = planted.name, .fingerprint = fingerprint(planted), .what = what, .seed = seed};
}

Results::Results(const std::filesystem::path& path) : path_(path) {
  std::string kept;
  if (std::filesystem::exists(path)) {
    std::istringstream lines(rectify::read_file(path));
    for (std::string line; std::getline(lines, line);) {
      const Json json = Json::parse(line, nullptr, false);
      if (json.is_discarded() && lines.peek() == std::istringstream::traits_type::eof()) break;
      try {
        results_.insert_or_assign(TrialKey{.name = json.at("case"), .fingerprint = json.at("of"), .what = json.at("what"), .seed = json.at("seed")}, json.at("result"));
      } catch (const Json::exception&) {
        throw rectify::ArgumentError("[Results] " + path.string() + " has a line that is no result: " + line.substr(0, 60) + ". Remove the file to begin anew.");
      }
      kept += line + "\n";
    }
  }
  rectify::write_file(path, kept);
  file_.open(path, std::ios::app);
}

std::optional<Json> Results::find(const TrialKey& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = results_.find(key);
  return found == results_.end() ? std::nullopt : std::optional(found->second);
}

void Results::add(const TrialKey& key, const Json& result) {
  const std::scoped_lock lock(mutex_);
  file_ << Json{{"case", key.name}, {"of", key.fingerprint}, {"what", key.what}, {"seed", key.seed}, {"result", result}}.dump() << std::endl;
  if (!file_) throw rectify::FileError("[Results] " + path_.string() + " cannot be written. Is the disk full?");
  results_.insert_or_assign(key, result);
}

Json to_json(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

double number_of(const Json& json) { return json.is_null() ? std::numeric_limits<double>::infinity() : json.get<double>(); }

}  // namespace bench::diagnosis
