// The pictures of a run's report and the sentences that go with them. Part of the report, not of the public interface.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/report/run_report.h"

namespace rectify::report {

struct Figure {
  std::string name;     ///< a file name without ending
  std::string svg;
  std::string caption;  ///< what the picture shows and what healthy looks like
};

/// Accuracy by epoch, training and the other parts in one picture; nothing without accuracies (regression).
std::optional<Figure> accuracy_figure(const RunSummary& run);
Figure loss_figure(const RunSummary& run);

/// One measure of several runs in one picture.
std::optional<Figure> accuracy_comparison(const std::vector<RunSummary>& runs);
Figure loss_comparison(const std::vector<RunSummary>& runs);

/// Outputs, gradients and firing rates of one layer of the log.
std::vector<Figure> layer_figures(const RunSummary& run, size_t layer);

Figure activation_figure(const activation::Function& function);
Figure decision_figure(const DecisionRegions& regions, double test_accuracy);

}  // namespace rectify::report
