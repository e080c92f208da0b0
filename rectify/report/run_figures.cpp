#include "rectify/report/run_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "rectify/report/activation_chart.h"
#include "rectify/report/firing_chart.h"
#include "rectify/report/line_chart.h"
#include "rectify/report/ridgeline.h"
#include "rectify/report/watch_figures.h"

namespace rectify::report {
namespace {

using observe::EpochRecord;
using observe::Metrics;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

enum class Part { train, validation, test };
enum class Measure { loss, accuracy };

double measured(const EpochRecord& record, Part part, Measure measure) {
  const Metrics* metrics = part == Part::train ? &record.train : part == Part::test ? &record.test : record.validation ? &*record.validation : nullptr;
  if (!metrics) return nothing;
  return measure == Measure::loss ? metrics->loss : metrics->accuracy.value_or(nothing);
}

Series series_of(const RunSummary& run, Part part, Measure measure) {
  Series series;
  for (const EpochRecord& record : run.log.epochs) {
    series.x.push_back(static_cast<double>(record.epoch));
    series.y.push_back(measured(record, part, measure));
  }
  return series;
}

bool has_finite(const Series& series) {
  return std::ranges::any_of(series.y, [](double y) { return std::isfinite(y); });
}

double last(const Series& series) { return series.y.empty() ? nothing : series.y.back(); }

std::string shown(double value, Measure measure) { return measure == Measure::accuracy ? percent(value) : readable(value); }

/// Train, validation and test of one run; parts that were not measured are left out.
LineChart parts_chart(const RunSummary& run, Measure measure) {
  LineChart chart{.title = {}, .subtitle = {}, .x_label = "epoch", .series = {}, .percent = measure == Measure::accuracy};
  const std::pair<Part, const char*> parts[] = {{Part::train, "train"}, {Part::validation, "validation"}, {Part::test, "test"}};
  const Colour colours[] = {palette::grey, palette::amber, palette::blue};
  for (size_t i = 0; i < 3; ++i) {
    Series series = series_of(run, parts[i].first, measure);
    if (!has_finite(series)) continue;
    series.colour = colours[i];
    series.dashed = parts[i].first == Part::train;
    series.label = std::string(parts[i].second) + " " + shown(last(series), measure);
    chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string moment_name(const observe::Snapshot& snapshot) {
  return snapshot.step == 0 ? "before" : "epoch " + std::to_string(snapshot.epoch);
}

/// Names of layers may come from a file, and are not let into paths.
std::string file_name(std::string text) {
  for (char& character : text) {
    const bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9');
    if (!plain) character = '_';
  }
  return text;
}

std::string layer_title(const observe::LayerRecord& layer) {
  return "layer " + layer.name + " (" + layer.layer + (layer.activation.empty() ? "" : ", " + layer.activation) + ")";
}

}  // namespace

std::optional<Figure> accuracy_figure(const RunSummary& run) {
  LineChart chart = parts_chart(run, Measure::accuracy);
  if (chart.series.empty()) return std::nullopt;
  const double test = last(series_of(run, Part::test, Measure::accuracy)), train = last(series_of(run, Part::train, Measure::accuracy));
  if (std::isfinite(test)) {
    chart.title = "Test accuracy ends at " + percent(test);
    if (std::isfinite(train)) chart.subtitle = fixed(std::fabs(train - test) * 100, 1) + " percentage points " + (test < train ? "below" : "above") + " the training data";
  } else {
    chart.title = "Training accuracy ends at " + percent(train);
  }
  return Figure{"accuracy", svg(chart),
                "Share of samples classified right after each epoch; training is measured while the weights still move. Healthy: both lines rise and level "
                "off close together; a growing gap is overfitting, a line near chance means that nothing was learned."};
}

Figure loss_figure(const RunSummary& run) {
  LineChart chart = parts_chart(run, Measure::loss);
  const Series test = series_of(run, Part::test, Measure::loss), train = series_of(run, Part::train, Measure::loss);
  const bool tested = has_finite(test);
  const Series& main = tested ? test : train;
  chart.title = std::string(tested ? "Test" : "Training") + " loss " + (std::isfinite(last(main)) ? "ends at " + readable(last(main)) : "is no longer finite at the end");
  if (has_finite(main)) {
    double lowest = std::numeric_limits<double>::infinity();
    int64_t epoch = 0;
    for (size_t i = 0; i < main.y.size(); ++i) {
      if (main.y[i] < lowest) lowest = main.y[i], epoch = run.log.epochs[i].epoch;
    }
    if (epoch != 0) chart.subtitle = "lowest " + readable(lowest) + " after epoch " + std::to_string(epoch);
  }
  return {"loss", svg(chart),
          "Loss after each epoch: " + (run.loss.empty() ? std::string("what training makes small") : run.loss) +
              ". Healthy: a steep fall, then a plateau; a test loss that climbs again while training falls is overfitting, jumps hint at a learning rate that is too high."};
}

namespace {

std::optional<LineChart> comparison(const std::vector<RunSummary>& runs, Measure measure) {
  LineChart chart{.title = {}, .subtitle = {}, .x_label = "epoch", .series = {}, .percent = measure == Measure::accuracy,
                  .strokes = {{"test", false}, {"train", true}}};
  bool any = false;
  for (const Part part : {Part::train, Part::test}) {
    for (size_t i = 0; i < runs.size(); ++i) {
      Series series = series_of(runs[i], part, measure);
      series.colour = palette::of_series(i);
      series.dashed = part == Part::train;
      if (!has_finite(series)) continue;
      any = true;
      if (part == Part::test) series.label = shorten(runs[i].name, 12, 130) + " " + shown(last(series), measure);
      if (series.dashed) series.colour = mix(palette::paper, series.colour, 0.6);
      chart.series.push_back(std::move(series));
    }
  }
  return any ? std::optional(chart) : std::nullopt;
}

/// The run with the best last value on the test data; none if no run has one.
const RunSummary* best(const std::vector<RunSummary>& runs, Measure measure) {
  const RunSummary* winner = nullptr;
  double winning = 0;
  for (const RunSummary& run : runs) {
    const double value = last(series_of(run, Part::test, measure));
    if (!std::isfinite(value)) continue;
    if (!winner || (measure == Measure::loss ? value < winning : value > winning)) winner = &run, winning = value;
  }
  return winner;
}

}  // namespace

std::optional<Figure> accuracy_comparison(const std::vector<RunSummary>& runs) {
  std::optional<LineChart> chart = comparison(runs, Measure::accuracy);
  if (!chart) return std::nullopt;
  const RunSummary* winner = best(runs, Measure::accuracy);
  chart->title = winner ? winner->name + " classifies the test data best" : "Accuracy of the runs";
  return Figure{"comparison_accuracy", svg(*chart),
                "Share of samples classified right after each epoch, one colour per run. Healthy: a run climbs early and levels off with its test line near its training line."};
}

Figure loss_comparison(const std::vector<RunSummary>& runs) {
  LineChart chart = comparison(runs, Measure::loss).value_or(LineChart{.title = {}, .subtitle = {}, .x_label = "epoch", .series = {}});
  const RunSummary* winner = best(runs, Measure::loss);
  chart.title = winner ? winner->name + " ends with the lowest test loss" : "Loss of the runs";
  return {"comparison_loss", svg(chart),
          "Loss after each epoch, one colour per run; comparable where the runs have the same loss function. Healthy: lines fall and flatten, and test stays near training."};
}

std::vector<Figure> layer_figures(const RunSummary& run, size_t layer) {
  const observe::LayerRecord& record = run.log.layers.at(layer);
  Ridgeline outputs{.title = "Outputs of " + layer_title(record), .subtitle = {}, .x_label = "output", .ridges = {}};
  Ridgeline gradients{.title = "Gradients of the weights of layer " + record.name, .subtitle = {}, .x_label = "gradient", .ridges = {}, .colour = palette::vermilion};
  FiringChart firing{.title = {}, .subtitle = "share of the samples on which a unit of layer " + record.name + " is above 0", .moments = {}};
  for (const observe::Snapshot& snapshot : run.log.snapshots) {
    if (layer >= snapshot.layers.size()) continue;
    const observe::LayerSnapshot& moment = snapshot.layers[layer];
    outputs.ridges.push_back({moment_name(snapshot), moment.output});
    gradients.ridges.push_back({moment_name(snapshot), moment.gradient});
    firing.moments.push_back({moment_name(snapshot), moment.firing_rate});
  }
  if (outputs.ridges.empty()) return {};
  const std::string ridge_height = " Height is the square root of the density, on one scale for all moments, tall peaks cut.";
  const std::string name = "layer_" + record.name + "_";
  std::vector<Figure> figures;
  figures.push_back({name + "output", svg(outputs),
                     "What the layer passes on, from before training (back) to the end (front)." + ridge_height +
                         " Healthy: a spread that settles; a collapse to one value or piles at both ends of a saturating activation starve the layers below."});
  figures.push_back({name + "gradient", svg(gradients),
                     "How the loss pulls at the weights." + ridge_height +
                         " Healthy: centred at 0 with a width that shrinks slowly and is of the same order in all layers; a needle at 0 is a vanishing gradient."});
  const size_t units = firing.moments.back().rates.size();
  std::erase_if(firing.moments, [&](const FiringMoment& moment) { return moment.rates.size() != units; });
  if (units > 0) {
    const FiringSummary summary = summarise(firing.moments.back().rates);
    // Without an activation an output below 0 is an answer like any other: no unit fires or is dead.
    const bool plain = record.activation.empty();
    firing.title = plain ? std::to_string(summary.never) + " of " + std::to_string(summary.units) + " outputs are never above 0" : describe(summary);
    const std::string reading = plain ? "This layer has no activation, so that the sign of an output means nothing by itself; one that never changes its sign hardly tells samples apart."
                                      : "Healthy for a rectifier: a smooth slope between 0 and 100 %; red units are dead, units at 100 % only pass their input through. "
                                        "An activation that is positive everywhere is always at 100 %.";
    figures.push_back({name + "firing", svg(firing), "Every unit at the end of training (curve) and over time (strip, same order of units). " + reading});
  }
  return figures;
}

Figure activation_figure(const activation::Function& function) {
  return {"activation_" + std::string(activation::spec(function).name), svg(curves_of(function)),
          "The activation with its first and second derivative. Where a derivative jumps it is not connected; the filled dot is the value used there. Gradients pass "
          "where the slope is near 1 and die where it is 0."};
}

Figure decision_figure(const DecisionRegions& regions, double test_accuracy) {
  const std::string title = std::isfinite(test_accuracy) ? "The regions classify " + percent(test_accuracy) + " of the test data right" : "Decision regions";
  return {"decision_regions", svg(regions, title),
          "The class that the network answers at every point of the plane, the stronger the colour the surer; samples on top. Healthy: borders follow the gaps between "
          "the classes and turn pale only there; islands around single training samples are overfitting."};
}

std::vector<NamedPicture> pictures(const RunSummary& run) {
  std::vector<NamedPicture> all;
  std::map<std::string, int> times;
  const auto add = [&](const Figure& figure) {
    const std::string name = file_name(figure.name);
    const int time = ++times[name];
    all.push_back({time == 1 ? name : name + "_" + std::to_string(time), figure.svg});
  };
  if (!run.log.epochs.empty()) {
    if (const auto figure = accuracy_figure(run)) add(*figure);
    add(loss_figure(run));
  }
  if (run.log.watch) {
    const std::vector<diagnose::Finding> findings = run.findings.value_or(std::vector<diagnose::Finding>{});
    for (const Figure& figure : watch_figures(*run.log.watch, findings)) add(figure);
    for (size_t i = 0; i < findings.size(); ++i) {
      if (const auto figure = finding_figure(*run.log.watch, findings[i], i + 1)) add(*figure);
    }
  }
  for (size_t layer = 0; layer < run.log.layers.size(); ++layer) {
    for (const Figure& figure : layer_figures(run, layer)) add(figure);
  }
  for (const activation::Function& function : run.activations) add(activation_figure(function));
  if (run.decision_regions) add(decision_figure(*run.decision_regions, run.test.accuracy.value_or(nothing)));
  return all;
}

}  // namespace rectify::report
