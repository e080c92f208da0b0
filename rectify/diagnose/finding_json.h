// Findings as JSON text: what `rectify diagnose --json` prints.
#pragma once

#include <span>
#include <string>

#include "rectify/diagnose/finding.h"

namespace rectify::diagnose {

/// A JSON array without line breaks: one object per finding with level, symptom, cause, layer (its name or null), units, since_step, evidence, confidence, remedy, expected_effect and consequences
/// (the same again). What is not finite is null.
std::string to_json(std::span<const Finding> findings);

}  // namespace rectify::diagnose
