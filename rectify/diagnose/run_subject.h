// A run as a subject. A run can be repeated bit for bit, so its beginning is looked at again rather than remembered.
#pragma once

#include <filesystem>

#include "rectify/diagnose/subject.h"
#include "rectify/train/run.h"

namespace rectify::diagnose {

/// Of a run: the batches of an epoch, the last one shorter than the others if need be, and of the whole training.
int64_t steps_per_epoch(const train::Prepared& run);
int64_t planned_steps(const train::Prepared& run);

/// The run as it is before its first step: what prepare() gives.
Subject subject_of(train::Prepared& beginning);

/// A beginning with what a watch has seen since.
Subject with_log(Subject beginning, const observe::WatchLog& log);

/// The run as it went: `beginning` as prepare() gives it, `log` what its watch saw, `model` with its weights now. `divergence` is empty if it ended well.
Subject subject_of(train::Prepared& beginning, const observe::WatchLog& log, nn::Module& model, const std::string& divergence = "");

/// The run in a folder. One that was repaired (it has a repair.json) did not begin as its configuration says, and has no probe. Throws what prepare() and load_run_log() throw.
Subject subject_of(const std::filesystem::path& folder);

}  // namespace rectify::diagnose
