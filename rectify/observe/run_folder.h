// A run's folder, written whole: model.safetensors and run.json (report.html is the report layer's). See train/run.h for reading it back to predict.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "rectify/observe/run_log.h"
#include "rectify/train/run.h"

namespace rectify::observe {

/// The numbers that a finished run is judged by, of its last whole epoch. JSON object with train_loss, test_loss, test_accuracy (classification), validation_loss and
/// validation_accuracy (if there is such a part), epochs, shards, seconds, weights_sha256; losses are null after a run without a whole epoch.
std::string summary_json(train::Prepared& run, const train::TrainResult& result);

/// The content of run.json: version, target, threads, configuration, preprocessing, status ("finished", "stopped", "diverged"), divergence, summary, log.
/// Whoever has it can repeat the run. `version` is the program's.
std::string run_json(train::Prepared& run, const train::TrainResult& result, const RunLog& log, std::string_view version);

/// Writes model.safetensors and run.json, each beside its target and renamed. Creates the folder. Throws FileError.
void write_run_folder(const std::filesystem::path& folder, train::Prepared& run, const train::TrainResult& result, const RunLog& log, std::string_view version);

/// The log in a folder's run.json. Throws FileError, or ArgumentError naming the file and the field.
RunLog load_run_log(const std::filesystem::path& folder);

/// How the run of a folder's run.json ended: what made it diverge, or nothing. Throws as load_run_log() does.
std::string divergence_of(const std::filesystem::path& folder);

}  // namespace rectify::observe
