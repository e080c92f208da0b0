#include "rectify/observe/run_log_json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace rectify::observe {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return x;
}

/// A float as the double of its shortest decimal, which is a third of the digits; as itself in the rare case that this rounds elsewhere.
Json number(float x) {
  if (!std::isfinite(x)) return number(static_cast<double>(x));
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  double decimal = 0;
  std::from_chars(digits.data(), end, decimal);
  return static_cast<float>(decimal) == x ? decimal : static_cast<double>(x);
}

Json to_json(const Metrics& metrics) {
  Json json = {{"loss", number(metrics.loss)}};
  if (metrics.accuracy) json["accuracy"] = number(*metrics.accuracy);
  return json;
}

Json to_json(const Histogram& histogram) {
  return {{"low", number(histogram.low)},   {"high", number(histogram.high)}, {"counts", histogram.counts}, {"non_finite", histogram.non_finite},
          {"mean", number(histogram.mean)}, {"standard_deviation", number(histogram.standard_deviation)}};
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

Metrics metrics(const Field& field) {
  Metrics result{.loss = field["loss"].number(), .accuracy = std::nullopt};
  if (field.has("accuracy")) result.accuracy = field["accuracy"].number();
  return result;
}

Histogram histogram(const Field& field) {
  Histogram result;
  result.low = field["low"].number();
  result.high = field["high"].number();
  field["counts"].each([&](const Field& item) { result.counts.push_back(item.count()); });
  result.non_finite = field["non_finite"].count();
  result.mean = field["mean"].number();
  result.standard_deviation = field["standard_deviation"].number();
  return result;
}

EpochRecord epoch(const Field& field) {
  EpochRecord record;
  record.epoch = field["epoch"].count();
  record.step = field["step"].count();
  record.learning_rate = field["learning_rate"].number();
  record.seconds = field["seconds"].number();
  record.train = metrics(field["train"]);
  if (field.has("validation")) record.validation = metrics(field["validation"]);
  record.test = metrics(field["test"]);
  return record;
}

Snapshot snapshot(const Field& field) {
  Snapshot result{.epoch = field["epoch"].count(), .step = field["step"].count(), .layers = {}};
  field["layers"].each([&](const Field& layer) {
    LayerSnapshot& added = result.layers.emplace_back();
    added.output = histogram(layer["output"]);
    added.gradient = histogram(layer["gradient"]);
    layer["firing_rate"].each([&](const Field& item) { added.firing_rate.push_back(static_cast<float>(item.number())); });
  });
  return result;
}

}  // namespace

std::string to_json(const RunLog& log) {
  Json layers = Json::array(), epochs = Json::array(), snapshots = Json::array();
  for (const LayerRecord& layer : log.layers) {
    layers.push_back({{"name", layer.name}, {"layer", layer.layer}, {"activation", layer.activation}, {"units", layer.units}});
  }
  for (const EpochRecord& record : log.epochs) {
    Json item = {{"epoch", record.epoch}, {"step", record.step}, {"learning_rate", number(record.learning_rate)},
                 {"seconds", number(record.seconds)}, {"train", to_json(record.train)}};
    if (record.validation) item["validation"] = to_json(*record.validation);
    item["test"] = to_json(record.test);
    epochs.push_back(std::move(item));
  }
  for (const Snapshot& moment : log.snapshots) {
    Json of_layers = Json::array();
    for (const LayerSnapshot& layer : moment.layers) {
      Json rates = Json::array();
      for (const float rate : layer.firing_rate) rates.push_back(number(rate));
      of_layers.push_back({{"output", to_json(layer.output)}, {"gradient", to_json(layer.gradient)}, {"firing_rate", std::move(rates)}});
    }
    snapshots.push_back({{"epoch", moment.epoch}, {"step", moment.step}, {"layers", std::move(of_layers)}});
  }
  const Json document = {{"layers", std::move(layers)}, {"epochs", std::move(epochs)}, {"snapshots", std::move(snapshots)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RunLog> run_log_from_json(std::string_view text) {
  try {
    const Json document = Json::parse(text);
    const Field root(document, "");
    RunLog log;
    root["layers"].each([&](const Field& layer) {
      log.layers.push_back({layer["name"].text(), layer["layer"].text(), layer["activation"].text(), layer["units"].count()});
    });
    root["epochs"].each([&](const Field& item) { log.epochs.push_back(epoch(item)); });
    root["snapshots"].each([&](const Field& item) {
      log.snapshots.push_back(snapshot(item));
      if (log.snapshots.back().layers.size() != log.layers.size()) {
        Field::fail("snapshots[" + std::to_string(log.snapshots.size() - 1) + "].layers",
                    "has " + std::to_string(log.snapshots.back().layers.size()) + " entries for " + std::to_string(log.layers.size()) + " layers");
      }
    });
    return log;
  } catch (const Json::exception&) {
    return Failure{"[run_log_from_json] this is not JSON. Is the file truncated?"};
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
}

}  // namespace rectify::observe
