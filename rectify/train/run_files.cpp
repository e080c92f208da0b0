// The stored form of a run's configuration and weights.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "rectify/base/files.h"
#include "rectify/format/safetensors.h"
#include "rectify/nn/network.h"
#include "rectify/nn/units.h"
#include "rectify/train/run.h"
#include "rectify/train/task.h"

namespace rectify::train {
namespace {

using Json = nlohmann::ordered_json;

const std::string network_key = "rectify.network", shape_key = "rectify.sample_shape";

/// The member of an object; `path` names it in messages.
const Json& member(const Json& object, const std::string& key, const std::string& path) {
  const auto found = object.find(key);
  if (found == object.end()) throw ArgumentError("[run] the field " + path + " is missing. Is the file complete?");
  return *found;
}

std::string text_member(const Json& object, const std::string& key) {
  const Json& value = member(object, key, key);
  if (!value.is_string()) throw ArgumentError("[run] the field " + key + " must be a text, not " + value.type_name() + ".");
  return value.get<std::string>();
}

int64_t count_member(const Json& object, const std::string& key) {
  const Json& value = member(object, key, key);
  if (!value.is_number_integer() || (value.is_number_unsigned() ? value.get<uint64_t>() > uint64_t{1} << 62 : value.get<int64_t>() < 0)) {
    throw ArgumentError("[run] the field " + key + " must be a whole number >= 0, not " + value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60) + ".");
  }
  return value.get<int64_t>();
}

uint64_t seed_member(const Json& object, const std::string& key) {
  const Json& value = member(object, key, key);
  if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<int64_t>() < 0)) {
    throw ArgumentError("[run] the field " + key + " must be a whole number >= 0, not " + value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60) + ".");
  }
  return value.get<uint64_t>();
}

RunConfiguration configuration_of(const Json& object) {
  if (!object.is_object()) throw ArgumentError("[run] the configuration must be an object, not " + std::string(object.type_name()) + ".");
  const std::vector<std::string> known{"network", "data", "optimiser", "schedule", "loss", "init", "epochs", "batch", "shards", "seed"};
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw ArgumentError("[run] there is no field \"" + key + "\" in a configuration." + did_you_mean(key, known) + " Remove it or correct its name.");
    }
  }
  return {.network = text_member(object, "network"),
          .data = text_member(object, "data"),
          .optimiser = text_member(object, "optimiser"),
          .schedule = text_member(object, "schedule"),
          .loss = text_member(object, "loss"),
          .init = text_member(object, "init"),
          .epochs = count_member(object, "epochs"),
          .batch = count_member(object, "batch"),
          .shards = object.contains("shards") ? count_member(object, "shards") : 1,
          .seed = seed_member(object, "seed")};
}

/// Runs `body` on the JSON in `text`; failures become ArgumentErrors that begin with `name`, if there is one.
template <class Body>
auto with_json(std::string_view text, const std::string& name, Body&& body) {
  const std::string begin = name.empty() ? "" : name + ": ";
  try {
    return body(Json::parse(text));
  } catch (const Json::exception&) {
    throw ArgumentError(begin + "[run] this is not JSON. Is the file truncated?");
  } catch (const ArgumentError& error) {
    throw ArgumentError(begin + error.what());
  }
}

std::string shown(const Shape& shape) {
  std::string text;
  for (const int64_t size : shape.sizes()) text += (text.empty() ? "" : ",") + std::to_string(size);
  return "[" + text + "]";
}

Shape shape_of(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array() || json.empty() || json.size() >= static_cast<size_t>(Shape::max_rank)) {
    throw ArgumentError("[load_model] the metadata " + shape_key + " are \"" + text.substr(0, 60) + "\", not a list of sizes such as [784].");
  }
  std::vector<int64_t> sizes;
  for (const Json& size : json) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() < 1 || size.get<uint64_t>() > 1'000'000'000) {
      throw ArgumentError("[load_model] the metadata " + shape_key + " are \"" + text.substr(0, 60) + "\", but sizes are whole numbers from 1 to 10^9.");
    }
    sizes.push_back(size.get<int64_t>());
  }
  return Shape(std::span<const int64_t>(sizes));
}

struct StoredModel {
  std::string network;
  Shape sample_shape;
  nn::Sequential model;
};

/// The number of elements of the weights that `layers` would need must not exceed what the file holds, or a few bytes could ask for any amount of memory.
void check_size(const std::vector<Specification>& layers, const Shape& sample_shape, const format::Safetensors& content) {
  int64_t held = 0;
  for (const NamedTensor& entry : content.tensors) held += entry.tensor.size();
  const double needed = nn::weight_count(layers, sample_shape);
  if (needed > static_cast<double>(held)) {
    throw ArgumentError("[load_model] the network in the metadata needs more weights than the " + std::to_string(held) + " numbers in the file. Is it another model's?");
  }
}

StoredModel read_model(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  try {
    const format::Safetensors content = format::read_safetensors(bytes).or_throw();
    for (const std::string& key : {network_key, shape_key}) {
      if (!content.metadata.contains(key)) {
        throw ArgumentError("[load_model] the metadata have no \"" + key + "\": these are not weights that rectify wrote. Give the folder of a run.");
      }
    }
    StoredModel stored{.network = content.metadata.at(network_key), .sample_shape = shape_of(content.metadata.at(shape_key)), .model = {}};
    const std::vector<Specification> layers = parse_specification_list(stored.network, network_key).or_throw();
    check_size(layers, stored.sample_shape, content);
    stored.model = nn::build(layers, stored.sample_shape);
    stored.model.load_state(content.tensors);
    return stored;
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw ArgumentError(path.string() + ": " + error.what());
  }
}

}  // namespace

std::string to_json(const RunConfiguration& configuration) {
  const Json json{{"network", configuration.network}, {"data", configuration.data},     {"optimiser", configuration.optimiser},
                  {"schedule", configuration.schedule}, {"loss", configuration.loss},   {"init", configuration.init},
                  {"epochs", configuration.epochs},   {"batch", configuration.batch},   {"shards", configuration.shards},
                  {"seed", configuration.seed}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RunConfiguration> configuration_from_json(std::string_view json) {
  try {
    return with_json(json, "", [](const Json& document) { return configuration_of(document); });
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
}

RunConfiguration read_configuration(const std::filesystem::path& path) {
  return with_json(read_file(path), path.string(), [](const Json& document) {
    return configuration_of(document.is_object() && document.contains("configuration") ? document.at("configuration") : document);
  });
}

void save_model(const std::filesystem::path& path, nn::Sequential& model, const Shape& sample_shape) {
  write_file(path, format::write_safetensors({.tensors = model.state(), .metadata = {{network_key, model.specification()}, {shape_key, shown(sample_shape)}}}));
}

nn::Sequential load_model(const std::filesystem::path& path) { return read_model(path).model; }

ModelOnData load_model(const std::filesystem::path& path, const RunConfiguration& configuration) {
  const Specification source = parse_specification(configuration.data, "--data").or_throw();
  const nn::Loss loss = loss_named(configuration.loss);
  StoredModel stored = read_model(path);
  data::Dataset data = load_data(source, loss);
  const int64_t taken = stored.sample_shape.count(), given = data.input_count();
  if (taken != given) {
    throw ArgumentError(path.string() + ": [load_model] the network takes " + std::to_string(taken) + (taken == 1 ? " input" : " inputs") + ", but a sample of " + data.specification + " has " +
                        std::to_string(given) + ". Give data like those that it was trained on.");
  }
  check_outputs(stored.model, data, loss);
  return {.model = std::move(stored.model), .data = std::move(data), .loss = loss};
}

SavedRun load_run(const std::filesystem::path& folder) {
  const std::filesystem::path description = folder / "run.json", weights = folder / "model.safetensors";
  SavedRun run = with_json(read_file(description), description.string(), [](const Json& document) {
    if (!document.is_object()) throw ArgumentError("[run] the document must be an object, not " + std::string(document.type_name()) + ".");
    const std::string preprocessing = member(document, "preprocessing", "preprocessing").dump(-1, ' ', false, Json::error_handler_t::replace);
    return SavedRun{.configuration = configuration_of(member(document, "configuration", "configuration")),
                    .preprocessing = data::preprocessing_from_json(preprocessing).or_throw(),
                    .model = {}};
  });
  StoredModel stored = read_model(weights);
  if (stored.network != run.configuration.network) {
    throw ArgumentError(weights.string() + ": [load_run] these are weights of \"" + stored.network + "\", but run.json beside them describes \"" +
                        run.configuration.network + "\". Put the two files of one run together.");
  }
  if (stored.sample_shape.count() != run.preprocessing.sample_shape.count()) {
    throw ArgumentError(weights.string() + ": [load_run] the network takes " + std::to_string(stored.sample_shape.count()) + " inputs, but a sample in run.json has " +
                        std::to_string(run.preprocessing.sample_shape.count()) + ". Put the two files of one run together.");
  }
  run.model = std::move(stored.model);
  return run;
}

}  // namespace rectify::train
