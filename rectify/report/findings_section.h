// What was found in a run and what a repair changed, as sections of the report's page. Part of the report, not of the public interface.
#pragma once

#include <string>
#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/report/run_report.h"

namespace rectify::report {

/// A box for each fault and warning: what, where and since when, the cause, the evidence beside its borders, the remedy, what follows from it, and a picture of it. What does no harm is
/// folded away; a healthy network is one line.
std::string findings_section(const observe::WatchLog& log, const std::vector<diagnose::Finding>& findings);

std::string repair_section(const RepairSummary& repair);

}  // namespace rectify::report
