// What the logs in run.json are written and read with. Not installed: it shows the JSON library.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "rectify/base/error.h"

namespace rectify::observe {

using Json = nlohmann::ordered_json;

/// A number as it is, or as the text "nan", "inf" or "-inf".
inline Json number(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return x;
}

/// A float as the double of its shortest decimal, which is a third of the digits; as itself in the rare case that this rounds elsewhere.
inline Json number(float x) {
  if (!std::isfinite(x)) return number(static_cast<double>(x));
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  double decimal = 0;
  std::from_chars(digits.data(), end, decimal);
  return static_cast<float>(decimal) == x ? decimal : static_cast<double>(x);
}

/// Reads fields and remembers the way to them, so that a failure can say where it happened.
class Field {
 public:
  Field(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  Field operator[](const std::string& key) const {
    if (!json_.is_object() || !json_.contains(key)) fail(path_.empty() ? key : path_ + "." + key, "is missing");
    return {json_.at(key), path_.empty() ? key : path_ + "." + key};
  }
  bool has(const std::string& key) const { return json_.is_object() && json_.contains(key); }

  template <class Body>
  void each(Body&& body) const {
    if (!json_.is_array()) fail(path_, "must be a list");
    for (size_t i = 0; i < json_.size(); ++i) body(Field(json_[i], path_ + "[" + std::to_string(i) + "]"));
  }

  double number() const {
    if (json_.is_number()) return json_.get<double>();
    if (json_.is_string()) {
      const auto& text = json_.get_ref<const std::string&>();
      if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
      if (text == "inf") return std::numeric_limits<double>::infinity();
      if (text == "-inf") return -std::numeric_limits<double>::infinity();
    }
    fail(path_, "must be a number, \"nan\", \"inf\" or \"-inf\"");
  }
  int64_t integer() const {
    if (!json_.is_number_integer() || (json_.is_number_unsigned() && json_.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))) {
      fail(path_, "must be a whole number");
    }
    return json_.get<int64_t>();
  }
  int64_t count() const {
    if (integer() < 0) fail(path_, "must not be negative");
    return integer();
  }
  /// Fails unless `found` is `expected`, the number of `things`.
  void require_entries(size_t found, size_t expected, const char* things) const {
    if (found != expected) fail(path_, "has " + std::to_string(found) + " entries for " + std::to_string(expected) + " " + things);
  }
  std::string text() const {
    if (!json_.is_string()) fail(path_, "must be a text");
    return json_.get<std::string>();
  }

  [[noreturn]] static void fail(const std::string& path, const std::string& what) {
    throw ArgumentError("[run_log_from_json] " + (path.empty() ? "the document" : path) + " " + what + ". Is this the log of a run?");
  }

 private:
  const Json& json_;
  std::string path_;
};

}  // namespace rectify::observe
