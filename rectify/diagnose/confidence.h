// How sure a finding is: how clearly its symptom is there, and how often its cause was the right one.
#pragma once

#include <span>
#include <vector>

#include "rectify/diagnose/finding.h"

namespace rectify::diagnose {

/// How often a cause that was named first in a harmful fault of the benchmark was one whose removal cured it: where nothing else was named that does harm, and where something was.
struct TrackRecord {
  Cause cause = Cause::init_too_small;
  int64_t right_alone = 0, alone = 0, right_beside_others = 0, beside_others = 0;
};
/// Of the tuning half, printed by `./benchmark diagnosis --tuning`.
std::span<const TrackRecord> track_records();

/// The probability that a fault with this cause is rightly explained: (right + 1) / (all + 2) of its track record, 1/2 for a cause that has none.
double confidence_of_fault(Cause cause, bool beside_others);

/// Whether another cause than the finding's does harm as well, or is likely to.
bool is_beside_others(const Finding& finding, const std::vector<Finding>& findings);

/// Gives findings their confidence: faults that of their cause, since harm was seen; the others the same times how clearly the border was crossed (1/2 at it, towards 1 with the distance),
/// which they come with.
void state_confidence(std::vector<Finding>& findings);

}  // namespace rectify::diagnose
