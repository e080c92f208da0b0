#include "rectify/observe/run_log_json.h"

#include "rectify/observe/json_field.h"
#include "rectify/observe/watch_log_json.h"

namespace rectify::observe {
namespace {

Json to_json(const Metrics& metrics) {
  Json json = {{"loss", number(metrics.loss)}};
  if (metrics.accuracy) json["accuracy"] = number(*metrics.accuracy);
  return json;
}

Json to_json(const Histogram& histogram) {
  return {{"low", number(histogram.low)},   {"high", number(histogram.high)}, {"counts", histogram.counts}, {"non_finite", histogram.non_finite},
          {"mean", number(histogram.mean)}, {"standard_deviation", number(histogram.standard_deviation)}};
}

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
  Json document = {{"layers", std::move(layers)}, {"epochs", std::move(epochs)}, {"snapshots", std::move(snapshots)}};
  if (log.watch) document["watch"] = to_json(*log.watch);
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
      item["layers"].require_entries(log.snapshots.back().layers.size(), log.layers.size(), "layers");
    });
    if (root.has("watch")) log.watch = watch_log(root["watch"]);
    return log;
  } catch (const Json::exception&) {
    return Failure{"[run_log_from_json] this is not JSON. Is the file truncated?"};
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
}

}  // namespace rectify::observe
