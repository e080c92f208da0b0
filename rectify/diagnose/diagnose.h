// From what was observed to findings: symptom, cause, layer, remedy.
#pragma once

#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/subject.h"
#include "rectify/observe/watch.h"

namespace rectify::diagnose {

/// The findings, worst first; those with one root are below it as consequences. A healthy network has none, or infos. Nothing is trained: a fault is named only where the loss shows harm,
/// see repair.h for the proof by a fork.
std::vector<Finding> diagnose(const Subject& subject);

/// The same of what a watch has seen, where nothing else is known: a training that was watched from its beginning. The loss of its first step stands for chance, and the loss's kind, the
/// learning rate (but for what the watch was told as a Listener) and the data are not judged. Nothing before the first step has ended.
std::vector<Finding> diagnose(const observe::Watch& watch);

}  // namespace rectify::diagnose
