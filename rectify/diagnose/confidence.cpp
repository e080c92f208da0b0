#include "rectify/diagnose/confidence.h"

#include <algorithm>
#include <array>

namespace rectify::diagnose {
namespace {

constexpr std::array records{
    // ./benchmark diagnosis --tuning
    TrackRecord{Cause::init_too_small, 101, 101, 0, 0},
    TrackRecord{Cause::init_too_large, 327, 327, 0, 0},
    TrackRecord{Cause::init_symmetric, 70, 70, 50, 50},
    TrackRecord{Cause::activation_saturates, 20, 25, 61, 81},
    TrackRecord{Cause::activation_explodes, 126, 126, 28, 28},
    TrackRecord{Cause::activation_linear, 126, 126, 9, 9},
    TrackRecord{Cause::learning_rate_too_high, 221, 221, 23, 25},
    TrackRecord{Cause::learning_rate_too_low, 138, 144, 28, 29},
    TrackRecord{Cause::input_not_scaled, 445, 447, 63, 156},
    TrackRecord{Cause::bias_too_negative, 112, 112, 0, 0},
    TrackRecord{Cause::output_activation_wrong, 154, 154, 0, 0},
    TrackRecord{Cause::loss_mismatch, 150, 150, 0, 0},
    TrackRecord{Cause::softmax_applied_twice, 150, 150, 0, 0},
    TrackRecord{Cause::batch_too_small, 4, 4, 11, 11},
    TrackRecord{Cause::depth_without_normalisation, 0, 0, 4, 12},
};

void state_confidence(Finding& finding, bool beside_others) {
  const double of_cause = confidence_of_fault(finding.cause, beside_others);
  finding.confidence = finding.level == Level::fault ? of_cause : finding.confidence * of_cause;
  for (Finding& consequence : finding.consequences) state_confidence(consequence, beside_others);
}

}  // namespace

std::span<const TrackRecord> track_records() { return records; }

double confidence_of_fault(Cause cause, bool beside_others) {
  const auto record = std::ranges::find(records, cause, &TrackRecord::cause);
  if (record == records.end()) return 0.5;
  const int64_t right = beside_others ? record->right_beside_others : record->right_alone, all = beside_others ? record->beside_others : record->alone;
  return static_cast<double>(right + 1) / static_cast<double>(all + 2);
}

bool is_beside_others(const Finding& finding, const std::vector<Finding>& findings) {
  return std::ranges::any_of(findings, [&](const Finding& other) { return other.level != Level::info && other.cause != finding.cause; });
}

void state_confidence(std::vector<Finding>& findings) {
  std::vector<bool> beside_others;
  for (const Finding& finding : findings) beside_others.push_back(is_beside_others(finding, findings));
  for (size_t i = 0; i < findings.size(); ++i) state_confidence(findings[i], beside_others[i]);
}

}  // namespace rectify::diagnose
