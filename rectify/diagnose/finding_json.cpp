#include "rectify/diagnose/finding_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace rectify::diagnose {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json json_of(const Finding& finding) {
  Json evidence = Json::array(), consequences = Json::array();
  for (const Evidence& one : finding.evidence) evidence.push_back({{"quantity", one.quantity}, {"measured", number(one.measured)}, {"border", number(one.border)}});
  for (const Finding& one : finding.consequences) consequences.push_back(json_of(one));
  return {{"level", name(finding.level)},
          {"symptom", name(finding.symptom)},
          {"cause", name(finding.cause)},
          {"layer", finding.layer ? Json(finding.layer_name) : Json(nullptr)},
          {"units", finding.units},
          {"since_step", finding.since_step ? Json(*finding.since_step) : Json(nullptr)},
          {"evidence", std::move(evidence)},
          {"confidence", number(finding.confidence)},
          {"remedy", finding.remedy},
          {"expected_effect", finding.expected_effect},
          {"consequences", std::move(consequences)}};
}

}  // namespace

std::string to_json(std::span<const Finding> findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back(json_of(finding));
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace rectify::diagnose
