// The stored form of a Preprocessing.
#include <cmath>
#include <nlohmann/json.hpp>

#include "rectify/data/preprocessing.h"

namespace rectify::data {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Value member(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) throw ArgumentError(std::string("[preprocessing] the member ") + key + " is missing. Is the run's file complete?");
  try {
    return found->get<Value>();
  } catch (const Json::exception&) {
    throw ArgumentError(std::string("[preprocessing] the member ") + key + " has the wrong type: " + found->dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60) + ".");
  }
}

int64_t whole(const Json& json, const char* key) {
  if (!json.is_number_integer()) throw ArgumentError(std::string("[preprocessing] the member ") + key + " is not made of whole numbers.");
  return json.get<int64_t>();
}

std::vector<int64_t> sizes_of(const Json& json, const char* key) {
  std::vector<int64_t> sizes;
  for (const Json& size : member<Json::array_t>(json, key)) sizes.push_back(whole(size, key));
  return sizes;
}

template <class Choice>
Choice choice(const Json& json, const char* key, std::initializer_list<Choice> choices) {
  const std::string text = member<std::string>(json, key);
  for (const Choice candidate : choices) {
    if (name(candidate) == text) return candidate;
  }
  throw ArgumentError(std::string("[preprocessing] the member ") + key + " is '" + text.substr(0, 60) + "', which is none of its values.");
}

void check(const Preprocessing& p) {
  const auto require = [](bool condition, const char* message) {
    if (!condition) throw ArgumentError(std::string("[preprocessing] ") + message + " Is the run's file complete?");
  };
  const size_t features = static_cast<size_t>(p.sample_shape.count());
  require(features > 0 && p.sample_shape.rank() > 0 && p.sample_shape.rank() < Shape::max_rank, "the shape of a sample is empty or has too many axes.");
  require(p.offset.size() == p.divisor.size(), "the numbers of offsets and divisors differ.");
  require(p.offset.size() == 1 || p.offset.size() == features, "the number of offsets is neither 1 nor that of the features.");
  require(p.feature_names.empty() || p.feature_names.size() == features, "the number of feature names is not that of the features.");
  require((p.task == Task::classification) == !p.class_names.empty(), "classification has class names and regression has none.");
  for (const double value : p.offset) require(std::isfinite(value), "an offset is not finite.");
  for (const double value : p.divisor) require(std::isfinite(value) && value != 0, "a divisor is 0 or not finite.");
}

Preprocessing parse(std::string_view text) {
  const Json json = Json::parse(text);
  if (!json.is_object()) throw ArgumentError("[preprocessing] expected a JSON object.");
  Preprocessing p;
  p.task = choice(json, "task", {Task::classification, Task::regression});
  p.scale = choice(json, "scale", {Scale::none, Scale::standard, Scale::unit});
  p.sample_shape = Shape(std::span<const int64_t>(sizes_of(json, "sample_shape")));
  p.feature_names = member<std::vector<std::string>>(json, "feature_names");
  p.class_names = member<std::vector<std::string>>(json, "class_names");
  p.label_name = member<std::string>(json, "label_name");
  p.label_index = whole(member<Json>(json, "label_index"), "label_index");
  p.offset = member<std::vector<double>>(json, "offset");
  p.divisor = member<std::vector<double>>(json, "divisor");
  check(p);
  return p;
}

}  // namespace

std::string to_json(const Preprocessing& p) {
  const auto sizes = p.sample_shape.sizes();
  const Json json{{"task", name(p.task)},
                  {"scale", name(p.scale)},
                  {"sample_shape", std::vector<int64_t>(sizes.begin(), sizes.end())},
                  {"feature_names", p.feature_names},
                  {"class_names", p.class_names},
                  {"label_name", p.label_name},
                  {"label_index", p.label_index},
                  {"offset", p.offset},
                  {"divisor", p.divisor}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Preprocessing> preprocessing_from_json(std::string_view text) {
  try {
    return parse(text);
  } catch (const Json::exception& error) {
    return Failure{std::string("[preprocessing] not JSON: ") + error.what()};
  } catch (const Error& error) {
    return Failure{error.what()};
  }
}

}  // namespace rectify::data
