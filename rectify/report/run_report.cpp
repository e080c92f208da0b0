#include "rectify/report/run_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/report/findings_section.h"
#include "rectify/report/page.h"
#include "rectify/report/page_style.h"
#include "rectify/report/run_figures.h"
#include "rectify/report/watch_figures.h"

namespace rectify::report {
namespace {

std::string or_dash(double value, int digits = 4) { return std::isfinite(value) ? readable(value, digits) : "–"; }
std::string percent_or_dash(const std::optional<double>& share) { return share && std::isfinite(*share) ? percent(*share) : "–"; }

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "–";
  if (seconds < 120) return fixed(seconds, 1) + " s";
  const auto whole = static_cast<int64_t>(std::min(seconds + 0.5, 1e15));
  if (whole < 7200) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string tile(const std::string& value, std::string_view label) {
  return element("div", "<b>" + escape(value) + "</b><span>" + escape(label) + "</span>");
}

/// The rows that the tables of a run and of the comparison share, in one order.
std::vector<Setting> rows_of(const RunSummary& run) {
  std::vector<Setting> rows{{"network", run.network}, {"data", run.data}, {"optimiser", run.optimiser}, {"loss", run.loss}};
  rows.insert(rows.end(), run.settings.begin(), run.settings.end());
  rows.push_back({"epochs", std::to_string(run.log.epochs.empty() ? 0 : run.log.epochs.back().epoch)});
  rows.push_back({"weights, SHA-256", run.weights_sha256});
  return rows;
}

std::vector<Setting> results_of(const RunSummary& run) {
  std::vector<Setting> rows;
  const bool classification = run.test.accuracy || run.train.accuracy;
  if (classification) rows.push_back({"test accuracy", percent_or_dash(run.test.accuracy)});
  rows.push_back({"test loss", or_dash(run.test.loss)});
  if (run.validation) {
    if (run.validation->accuracy) rows.push_back({"validation accuracy", percent_or_dash(run.validation->accuracy)});
    rows.push_back({"validation loss", or_dash(run.validation->loss)});
  }
  if (classification) rows.push_back({"training accuracy", percent_or_dash(run.train.accuracy)});
  rows.push_back({"training loss", or_dash(run.train.loss)});
  rows.push_back({"time", duration(run.seconds)});
  return rows;
}

std::string settings_table(const RunSummary& run) {
  std::string rows;
  for (const Setting& row : rows_of(run)) {
    if (!row.value.empty()) rows += element("tr", "<th scope=\"row\">" + escape(row.key) + "</th><td>" + code(row.value) + "</td>");
  }
  return element("div", element("table", element("tbody", rows)), "class=\"scroll\"");
}

std::string epochs_table(const RunSummary& run) {
  const auto& epochs = run.log.epochs;
  const bool classification = std::ranges::any_of(epochs, [](const auto& record) { return record.train.accuracy || record.test.accuracy; });
  const bool validated = std::ranges::any_of(epochs, [](const auto& record) { return record.validation.has_value(); });
  std::string head;
  const auto title = [&](const char* text) { head += "<th class=\"number\" scope=\"col\">" + std::string(text) + "</th>"; };
  title("epoch"), title("steps"), title("learning rate"), title("training loss");
  if (classification) title("training accuracy");
  if (validated) title("validation loss");
  if (validated && classification) title("validation accuracy");
  title("test loss");
  if (classification) title("test accuracy");
  title("time");
  std::string body;
  for (const observe::EpochRecord& record : epochs) {
    std::string row;
    const auto cell = [&](const std::string& text) { row += "<td class=\"number\">" + escape(text) + "</td>"; };
    cell(std::to_string(record.epoch)), cell(std::to_string(record.step)), cell(or_dash(record.learning_rate, 3)), cell(or_dash(record.train.loss));
    if (classification) cell(percent_or_dash(record.train.accuracy));
    const observe::Metrics none{.loss = std::numeric_limits<double>::quiet_NaN(), .accuracy = std::nullopt};
    const observe::Metrics& validation = record.validation ? *record.validation : none;
    if (validated) cell(or_dash(validation.loss));
    if (validated && classification) cell(percent_or_dash(validation.accuracy));
    cell(or_dash(record.test.loss));
    if (classification) cell(percent_or_dash(record.test.accuracy));
    cell(duration(record.seconds));
    body += element("tr", row);
  }
  const std::string table = element("table", element("thead", element("tr", head)) + element("tbody", body));
  return element("details", "<summary>Numbers of every epoch</summary>" + element("div", table, "class=\"scroll\"")) ;
}

std::string watch_pictures(const RunSummary& run) {
  std::string text = element("h3", "What the units did");
  for (const Figure& one : watch_figures(*run.log.watch, run.findings.value_or(std::vector<diagnose::Finding>{}))) text += figure(one, "class=\"wide\"");
  return text;
}

std::string section(const RunSummary& run, size_t index) {
  std::string text = element("h2", escape(run.name), "id=\"run-" + std::to_string(index + 1) + "\"");
  text += element("p", code(run.network) + (run.data.empty() ? "" : " on " + code(run.data)), "class=\"lead\"");
  if (!run.stopped.empty()) text += element("p", "The run ended early: " + escape(run.stopped), "class=\"stopped\"");
  std::string tiles;
  for (const Setting& row : results_of(run)) tiles += tile(row.value, row.key);
  text += element("div", tiles, "class=\"tiles\"");
  if (run.log.watch && run.findings) text += findings_section(*run.log.watch, *run.findings);
  if (run.repair) text += repair_section(*run.repair);

  if (!run.log.epochs.empty()) {
    std::string curves;
    if (const auto accuracy = accuracy_figure(run)) curves += figure(*accuracy);
    text += element("div", curves + figure(loss_figure(run)), "class=\"figures\"");
  }
  if (run.decision_regions) {
    text += element("h3", "Decision regions");
    text += figure(decision_figure(*run.decision_regions, run.test.accuracy.value_or(std::numeric_limits<double>::quiet_NaN())));
  }
  if (run.log.watch) text += watch_pictures(run);
  for (size_t layer = 0; layer < run.log.layers.size(); ++layer) {
    const observe::LayerRecord& record = run.log.layers[layer];
    std::string pictures;
    for (const Figure& one : layer_figures(run, layer)) pictures += figure(one);
    if (pictures.empty()) continue;
    text += element("h3", "Layer " + code(record.name) + ": " + code(record.layer) + (record.activation.empty() ? "" : ", " + code(record.activation)) + ", " +
                              std::to_string(record.units) + (record.units == 1 ? " unit" : " units"));
    text += element("div", pictures, "class=\"figures layer\"");
  }
  if (!run.activations.empty()) {
    text += element("h3", run.activations.size() == 1 ? "The activation" : "The activations");
    for (const activation::Function& function : run.activations) text += figure(activation_figure(function), "class=\"wide\"");
  }
  text += element("h3", "Settings") + settings_table(run);
  if (!run.log.epochs.empty()) text += epochs_table(run);
  return element("section", text);
}

/// Rows by key in the order of their first appearance, one column per run; cells of rows in which the runs differ are bold.
std::string comparison_table(const std::vector<RunSummary>& runs) {
  std::vector<std::vector<Setting>> columns;
  std::vector<std::string> keys;
  for (const RunSummary& run : runs) {
    columns.push_back(results_of(run));
    const std::vector<Setting> rows = rows_of(run);
    columns.back().insert(columns.back().end(), rows.begin(), rows.end());
  }
  for (const auto& column : columns) {
    for (const Setting& row : column) {
      if (std::ranges::find(keys, row.key) == keys.end()) keys.push_back(row.key);
    }
  }
  std::string head = "<th scope=\"col\"></th>", body;
  for (size_t i = 0; i < runs.size(); ++i) {
    head += "<th scope=\"col\"><span class=\"swatch\" style=\"background:" + to_string(palette::of_series(i)) + "\"></span>" + escape(runs[i].name) + "</th>";
  }
  const size_t results = results_of(runs.front()).size();
  for (size_t k = 0; k < keys.size(); ++k) {
    std::vector<std::string> values;
    for (const auto& column : columns) {
      const auto found = std::ranges::find(column, keys[k], &Setting::key);
      values.push_back(found == column.end() || found->value.empty() ? "–" : found->value);
    }
    if (std::ranges::all_of(values, [](const std::string& value) { return value == "–"; })) continue;
    const bool differs = std::ranges::any_of(values, [&](const std::string& value) { return value != values.front(); });
    std::string row = "<th scope=\"row\">" + escape(keys[k]) + "</th>";
    for (const std::string& value : values) {
      row += (differs ? "<td class=\"differs\">" : "<td>") + (k < results ? escape(value) : code(value)) + "</td>";
    }
    body += element("tr", row);
  }
  return element("div", element("table", element("thead", element("tr", head)) + element("tbody", body)), "class=\"scroll\"");
}

std::string comparison(const std::vector<RunSummary>& runs) {
  std::string curves;
  if (const auto accuracy = accuracy_comparison(runs)) curves += figure(*accuracy);
  curves += figure(loss_comparison(runs));
  return element("section", element("h2", "The runs side by side", "id=\"comparison\"") + element("div", curves, "class=\"figures\"") +
                                element("p", "Bold: where the runs differ.", "class=\"lead\"") + comparison_table(runs));
}

std::string contents(const std::vector<RunSummary>& runs) {
  std::string items = element("li", "<a href=\"#comparison\">The runs side by side</a>");
  for (size_t i = 0; i < runs.size(); ++i) items += element("li", "<a href=\"#run-" + std::to_string(i + 1) + "\">" + escape(runs[i].name) + "</a>");
  return element("nav", element("ol", items), "aria-label=\"Contents\"");
}

}  // namespace

std::string html(const std::vector<RunSummary>& runs) {
  std::string names;
  for (const RunSummary& run : runs) names += (names.empty() ? "" : ", ") + run.name;
  std::string body = element("h1", "Training report: " + escape(names.empty() ? "no runs" : names));
  if (runs.size() > 1) {
    body += element("p", std::to_string(runs.size()) + " runs, first side by side, then one by one.", "class=\"lead\"");
    body += contents(runs) + comparison(runs);
  }
  for (size_t i = 0; i < runs.size(); ++i) body += section(runs[i], i);
  return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" +
         element("title", escape("Rectify: " + (names.empty() ? "report" : names))) + element("style", page_style) + "</head>\n<body>\n" +
         element("main", "\n" + body) + "</body>\n</html>\n";
}

}  // namespace rectify::report
