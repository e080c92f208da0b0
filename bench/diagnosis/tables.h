// From trials to the tables of docs/diagnosis.md.
#pragma once

#include <string>

#include "bench/diagnosis/study.h"

namespace bench::diagnosis {

/// Which cases are harmful and which healthy, a line each.
std::string labels_text(const Study& study);

/// What Rectify said and repaired, a line for each training: for those who tune rules.
std::string trials_text(const Study& study);

/// The document: how it was measured, all tools beside the aims, `note` (what is missed and why, written by hand), each fault class, what was said of healthy networks.
std::string document(const Study& study, const std::string& note);

}  // namespace bench::diagnosis
