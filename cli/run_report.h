// A saved run as its report and pictures need it.
#pragma once

#include <filesystem>

#include "rectify/report/run_report.h"

namespace rectify::cli {

/// Reads the run in `folder`, with the repair that made it if there was one. The decision regions of a classifier of points in the plane are computed from its network and data, the findings
/// of a watched run too; if the data are no longer there, a warning says so and they are left out. Throws FileError and ArgumentError.
report::RunSummary summarise_run(const std::filesystem::path& folder);

}  // namespace rectify::cli
