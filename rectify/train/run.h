// A run as a folder: model.safetensors, run.json, report.html. What is needed to repeat it, and what came out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "rectify/data/dataset.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/sequential.h"
#include "rectify/train/trainer.h"

namespace rectify::train {

/// Everything that decides a run's weights, as text in the specification grammar; run.json holds it with all defaults filled in.
struct RunConfiguration {
  std::string network, data, optimiser = "adam", schedule = "constant", loss = "cross_entropy", init = "calibrated";
  int64_t epochs = 5, batch = 128, shards = 1;
  uint64_t seed = 0;
};

/// What was built from a configuration, ready to train: weights are initialised.
struct Prepared {
  RunConfiguration configuration;  ///< with all defaults filled in
  data::Dataset data;
  nn::Sequential model;
  std::unique_ptr<Optimiser> optimiser;
  TrainOptions options;
};

/// Parses, loads and builds. If the last layer's size does not fit the data (classes, or 1 for regression) throws ArgumentError saying both numbers.
Prepared prepare(const RunConfiguration& configuration);

/// Configuration to and from the JSON object that run.json holds under "configuration". The failure names the field that is missing or wrong;
/// shards alone may be missing, and are then 1, as they were in runs that did not write them.
std::string to_json(const RunConfiguration& configuration);
Result<RunConfiguration> configuration_from_json(std::string_view json);

/// The configuration in a file: a bare configuration object, or a whole run.json. Throws FileError, or ArgumentError naming the file and the field.
RunConfiguration read_configuration(const std::filesystem::path& path);

/// Writes the weights: named tensors, the network's specification and sample shape in the metadata. Throws FileError.
void save_model(const std::filesystem::path& path, nn::Sequential& model, const Shape& sample_shape);
/// The network that save_model() wrote, with its weights. Throws FileError or ArgumentError with the file's name.
nn::Sequential load_model(const std::filesystem::path& path);

/// A network as a file holds it, on data that it can be judged by.
struct ModelOnData {
  nn::Sequential model;
  data::Dataset data;
  nn::Loss loss = nn::Loss::cross_entropy;
};

/// The network that save_model() wrote, with the data and the loss of the configuration, whose other fields do not count. Throws what load_model() throws, and ArgumentError if network,
/// data and loss do not fit each other.
ModelOnData load_model(const std::filesystem::path& path, const RunConfiguration& configuration);

/// SHA-256 over the model's named tensors, parameters and buffers.
std::string weights_sha256(nn::Sequential& model);

/// A saved run, ready to predict: the network with its weights and the fitted preprocessing. Throws FileError or ArgumentError with the file's name.
struct SavedRun {
  RunConfiguration configuration;
  data::Preprocessing preprocessing;
  nn::Sequential model;
};
SavedRun load_run(const std::filesystem::path& folder);

}  // namespace rectify::train
