#include "rectify/report/findings_section.h"

#include <algorithm>
#include <cmath>

#include "rectify/report/page.h"
#include "rectify/report/watch_figures.h"

namespace rectify::report {
namespace {

using diagnose::Evidence;
using diagnose::Finding;
using diagnose::Level;

constexpr size_t most_units = 24;

/// "dead units" of "dead_units".
std::string in_words(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string headline(const Finding& finding) { return in_words(name(finding.symptom)) + place_and_time(finding); }

std::string number(double x) { return std::isnan(x) ? "–" : readable(x); }

/// What was measured as a multiple of its border: "4.2", "1/430".
std::string distance(const Evidence& evidence) {
  const double ratio = evidence.measured / evidence.border;
  if (!std::isfinite(ratio) || ratio <= 0) return "";
  return ratio >= 1 ? readable(ratio, 2) : "1/" + readable(1 / ratio, 2);
}

std::string evidence_table(const std::vector<Evidence>& all) {
  if (all.empty()) return "";
  std::string rows;
  for (const Evidence& evidence : all) {
    std::string row = "<th scope=\"row\">" + escape(evidence.quantity) + "</th>";
    for (const std::string& text : {number(evidence.measured), number(evidence.border), distance(evidence)}) row += "<td class=\"number\">" + escape(text) + "</td>";
    rows += element("tr", row);
  }
  const std::string head = element("tr", "<th scope=\"col\">evidence</th><th class=\"number\" scope=\"col\">measured</th><th class=\"number\" scope=\"col\">border</th>"
                                         "<th class=\"number\" scope=\"col\">times the border</th>");
  return element("div", element("table", element("thead", head) + element("tbody", rows)), "class=\"scroll\"");
}

std::string units_text(const std::vector<int64_t>& units) {
  std::string text = std::to_string(units.size()) + (units.size() == 1 ? " unit: " : " units: ");
  for (size_t i = 0; i < std::min(units.size(), most_units); ++i) text += (i ? ", " : "") + std::to_string(units[i]);
  return text + (units.size() > most_units ? ", …" : "");
}

std::string consequences_list(const std::vector<Finding>& consequences) {
  std::string items;
  for (const Finding& consequence : consequences) {
    items += element("li", escape(headline(consequence)) + (consequence.consequences.empty() ? "" : consequences_list(consequence.consequences)));
  }
  return element("ul", items);
}

std::string line(std::string_view label, const std::string& text) { return text.empty() ? "" : element("p", "<b>" + std::string(label) + "</b> " + escape(text)); }

std::string box(const observe::WatchLog& log, const Finding& finding, size_t number) {
  const std::string level(name(finding.level));
  std::string text = element("h4", "<span class=\"disc\">" + std::to_string(number) + "</span> " + level + ": " + escape(headline(finding)));
  text += line("Cause:", in_words(name(finding.cause)) + " (confidence " + decimal(100 * finding.confidence, 0) + " %" + ")");
  text += line("To do:", finding.remedy) + line("Then:", finding.expected_effect) + evidence_table(finding.evidence);
  if (!finding.units.empty()) text += element("p", escape(units_text(finding.units)));
  if (!finding.consequences.empty()) text += element("p", "<b>What follows from it:</b>") + consequences_list(finding.consequences);
  const std::optional<Figure> picture = finding_figure(log, finding, number);
  return element("article", element("div", text) + (picture ? figure(*picture) : ""), "class=\"finding " + level + "\"");
}

std::string count(size_t number, std::string_view one, std::string_view many) { return std::to_string(number) + " " + std::string(number == 1 ? one : many); }

}  // namespace

std::string findings_section(const observe::WatchLog& log, const std::vector<Finding>& findings) {
  std::string urgent, harmless;
  size_t urgent_count = 0;
  for (size_t i = 0; i < findings.size(); ++i) {
    const bool info = findings[i].level == Level::info;
    (info ? harmless : urgent) += box(log, findings[i], i + 1);
    urgent_count += !info;
  }
  const std::string watched = count(log.layers.size(), "layer", "layers") + (log.windows.empty() ? "" : ", " + std::to_string(log.windows.back().last_step) + " steps");
  if (urgent_count == 0) urgent = element("p", "Nothing is wrong with the network (" + watched + ").", "class=\"lead\"");
  std::string text = element("h3", urgent_count == 0 ? "Diagnosis" : "Diagnosis: " + count(urgent_count, "finding", "findings")) + urgent;
  if (!harmless.empty()) {
    text += element("details", "<summary>" + count(findings.size() - urgent_count, "observation that does no harm", "observations that do no harm") + "</summary>" + harmless);
  }
  return text;
}

std::string repair_section(const RepairSummary& repair) {
  std::string rows;
  for (const RepairSummary::Row& row : repair.rows) {
    rows += element("tr", "<th scope=\"row\">" + escape(row.name) + "</th><td class=\"number\">" + escape(row.before) + "</td><td class=\"number\">" + escape(row.after) + "</td>");
  }
  const std::string head = element("tr", "<th scope=\"col\"></th><th class=\"number\" scope=\"col\">before</th><th class=\"number\" scope=\"col\">after</th>");
  std::string text = element("h3", "Before and after the repair");
  for (const std::string& change : repair.changes) text += element("p", escape(change), "class=\"lead\"");
  return text + element("div", element("table", element("thead", head) + element("tbody", rows)), "class=\"scroll\"");
}

}  // namespace rectify::report
