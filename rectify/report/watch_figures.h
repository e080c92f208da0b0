// The pictures of a watched run, and those of its findings. Part of the report, not of the public interface.
#pragma once

#include <optional>
#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/report/run_figures.h"

namespace rectify::report {

/// A finding's colour: vermilion, amber, grey.
Colour colour_of(diagnose::Level level);

/// The map of the units, and, if a gradient was measured, its flow through depth. Findings are numbered from 1 in the order that they are given; the layers that they name carry their number.
/// Infos are not marked.
std::vector<Figure> watch_figures(const observe::WatchLog& log, const std::vector<diagnose::Finding>& findings);

/// What a finding looks like: its layer's units or one of its measures over the steps, the flow through depth, or the loss. Nothing if that was not measured.
std::optional<Figure> finding_figure(const observe::WatchLog& log, const diagnose::Finding& finding, size_t number);

}  // namespace rectify::report
