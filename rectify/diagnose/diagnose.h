// From what was observed to findings: symptom, cause, layer, remedy.
#pragma once

#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/subject.h"

namespace rectify::diagnose {

/// The findings, worst first; those with one root are below it as consequences. A healthy network has none, or infos. Nothing is trained: a fault is named only where the loss shows harm,
/// see repair.h for the proof by a fork.
std::vector<Finding> diagnose(const Subject& subject);

}  // namespace rectify::diagnose
