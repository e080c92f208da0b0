// The report of training runs: one HTML file that holds everything, needs no script and no network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/diagnose/finding.h"
#include "rectify/observe/run_log.h"
#include "rectify/report/decision_chart.h"

namespace rectify::report {

/// A row of the table of settings.
struct Setting {
  std::string key, value;
};

/// What a repair did, and what it was good for.
struct RepairSummary {
  struct Row {
    std::string name, before, after;  ///< "test accuracy", "10.0 %", "88.2 %"
  };
  std::vector<std::string> changes;   ///< "set the learning rate to 0.003", in the order in which they were made
  std::vector<Row> rows;
};

/// What the report says about one run. Texts may hold anything: they are escaped.
struct RunSummary {
  std::string name;                          ///< heading, and the label of its lines
  std::string network, data, optimiser, loss;  ///< specifications with all defaults filled in
  std::vector<Setting> settings;             ///< further rows: batch, seed, schedule, target ...
  observe::RunLog log;
  observe::Metrics train, test;              ///< at the end; NaN where there is none
  std::optional<observe::Metrics> validation;
  std::string weights_sha256;
  double seconds = 0;
  std::string stopped;                       ///< why the run ended early; empty if it did not
  std::vector<activation::Function> activations;     ///< drawn in this order
  std::optional<DecisionRegions> decision_regions;   ///< for two-dimensional data
  std::optional<std::vector<diagnose::Finding>> findings = {};  ///< worst first; nothing if it was not asked. Shown for a run whose log has a watch
  std::optional<RepairSummary> repair = {};          ///< of a run that continues another after a repair
};

/// The page, as HTML that is well-formed XML too. Several runs: a comparison first (test accuracy, loss, a table side by side), then a section for each.
std::string html(const std::vector<RunSummary>& runs);

/// The pictures of one run by themselves, as a file name without ending ("accuracy", "layer_0_output") and an SVG document each.
struct NamedPicture {
  std::string name, svg;
};
std::vector<NamedPicture> pictures(const RunSummary& run);

}  // namespace rectify::report
