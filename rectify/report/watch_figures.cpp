#include "rectify/report/watch_figures.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "rectify/report/depth_chart.h"
#include "rectify/report/line_chart.h"
#include "rectify/report/ridgeline.h"
#include "rectify/report/unit_map.h"

namespace rectify::report {
namespace {

using diagnose::Finding;
using diagnose::Level;
using diagnose::Symptom;
using observe::LayerWindow;
using observe::Window;

constexpr double finding_width = 560;
constexpr size_t most_finding_rows = 24;

std::vector<LayerMark> marks_of(const std::vector<Finding>& findings) {
  std::vector<LayerMark> marks;
  for (size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    if (finding.layer && finding.level != Level::info) marks.push_back({*finding.layer, std::to_string(i + 1), colour_of(finding.level), finding.since_step.value_or(0)});
  }
  return marks;
}

/// "29 of 320 units are dead in the last 10 steps, 3 are stuck"
std::string units_at_the_end(const observe::WatchLog& log) {
  if (log.windows.empty()) return "Nothing was watched";
  const Window& window = log.windows.back();
  int64_t units = 0, dead = 0, stuck = 0, broken = 0;
  for (size_t layer = 0; layer < log.layers.size(); ++layer) {
    const LayerWindow* seen = counted(window, layer);
    if (!seen || log.layers[layer].activation.empty()) continue;
    units += log.layers[layer].units;
    dead += seen->dead_units;
    stuck += std::max<int64_t>(seen->stuck_units - seen->dead_units, 0);
    broken += seen->non_finite;
  }
  const int64_t steps = window.last_step - window.first_step + 1;
  const std::string time = window.last_step == 0 ? " before training" : steps == 1 ? " in the last step" : " in the last " + std::to_string(steps) + " steps";
  const auto are = [](int64_t count) { return std::string(count == 1 ? "is" : "are"); };
  if (broken > 0) return std::to_string(broken) + (broken == 1 ? " output " : " outputs ") + are(broken) + " not finite" + time;
  if (dead + stuck == 0) return "No unit is dead or stuck" + time;
  const int64_t first = dead > 0 ? dead : stuck;
  std::string text = std::to_string(first) + " of " + std::to_string(units) + " units " + are(first) + (dead > 0 ? " dead" : " stuck") + time;
  if (dead > 0 && stuck > 0) text += ", " + std::to_string(stuck) + " " + are(stuck) + " stuck";
  return text;
}

/// How much smaller or larger what flows arrives at the end of its way, at the last moment it was measured.
std::string flow_title(const observe::WatchLog& log, Flow flow) {
  const std::vector<const Window*> moments = moments_of(log, flow);
  if (moments.empty() || log.layers.empty()) return "";
  const LayerFlow first = flow_of(*moments.back(), 0, flow), last = flow_of(*moments.back(), log.layers.size() - 1, flow);
  const bool gradient = flow == Flow::gradient;
  const double ratio = gradient ? first.before / last.before : last.after / first.after;
  if (!std::isfinite(ratio) || log.layers.size() == 1) return gradient ? "The gradient in each layer" : "The signal in each layer";
  return std::string(gradient ? "Back through all layers the gradient" : "Through all layers the signal") + " is multiplied by " + readable(ratio, 2);
}

/// The flow through a part of the layers beside a finding: that of the finding and others evenly spread.
Figure flow_of_finding(const observe::WatchLog& log, Flow flow, const std::vector<LayerMark>& marks, const std::string& name, const std::string& caption) {
  std::vector<size_t> layers = choose_evenly(log.layers.size(), most_finding_rows);
  for (const LayerMark& mark : marks) layers.push_back(mark.layer);
  std::ranges::sort(layers);
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  return {name, svg(DepthChart{.log = log, .title = flow_title(log, flow), .subtitle = "", .flow = flow, .layers = layers, .marks = marks, .width = finding_width}), caption};
}

/// A number of each window against the steps; nothing if it is finite in none.
std::optional<Figure> over_steps(const observe::WatchLog& log, const std::string& name, const std::string& title, const std::string& caption, bool is_share,
                                 const std::function<double(const Window&)>& value) {
  Series series{.label = "", .x = {}, .y = {}};
  bool any = false;
  for (const Window& window : log.windows) {
    series.x.push_back(static_cast<double>(window.last_step));
    series.y.push_back(value(window));
    any = any || std::isfinite(series.y.back());
  }
  if (!any) return std::nullopt;
  LineChart chart{.title = title, .subtitle = "", .x_label = "step", .series = {std::move(series)}, .percent = is_share, .width = finding_width, .height = 240};
  return Figure{name, svg(chart), caption};
}

}  // namespace

Colour colour_of(Level level) { return level == Level::fault ? palette::vermilion : level == Level::warning ? palette::amber : palette::muted; }

std::vector<Figure> watch_figures(const observe::WatchLog& log, const std::vector<Finding>& findings) {
  const std::vector<LayerMark> marks = marks_of(findings);
  std::vector<Figure> figures;
  figures.push_back({"units", svg(UnitMap{.log = log, .title = units_at_the_end(log), .subtitle = "units of each layer over the steps of training", .marks = marks}),
                     "Healthy: little of the two dark colours. A rectifier that is 0 for some samples is doing its work; a unit is dead only if it is 0 for all of them, and then it learns "
                     "nothing; where the samples of a window were few it may come back. A number in a disc is that of a finding, and a frame begins where it was first seen. Rest the pointer on a "
                     "cell for its numbers."});
  if (moments_of(log, Flow::gradient).empty()) return figures;
  figures.push_back({"gradient_flow", svg(DepthChart{.log = log, .title = flow_title(log, Flow::gradient), .subtitle = "", .marks = marks}),
                     "The gradient comes from the loss, below, and goes up to the input. In each layer its activation turns u into d, then its weights turn d into u of the layer before; the bars "
                     "say by what each of the two multiplies it. Healthy: sizes of one order in all layers, factors near 1. The activation’s factor is small where units are saturated or dead, the "
                     "weights’ where they began too small. Before training another number of samples was looked at, which moves all sizes alike."});
  return figures;
}

std::optional<Figure> finding_figure(const observe::WatchLog& log, const Finding& finding, size_t number) {
  const std::string name = "finding_" + std::to_string(number);
  std::vector<LayerMark> marks;
  if (finding.layer) marks.push_back({*finding.layer, std::to_string(number), colour_of(finding.level), finding.since_step.value_or(0)});
  const auto of_layer = [&](auto measure) {
    return [layer = finding.layer, measure](const Window& window) {
      const LayerWindow* seen = layer ? counted(window, *layer) : nullptr;
      return seen ? static_cast<double>(measure(*seen)) : observe::unmeasured;
    };
  };
  switch (finding.symptom) {
    case Symptom::saturated_units:
    case Symptom::dead_units:
    case Symptom::dying_units:
      if (!finding.layer || *finding.layer >= log.layers.size()) return std::nullopt;
      return Figure{name, svg(UnitMap{.log = log, .title = "The units of the layer", .subtitle = "", .layers = {*finding.layer}, .marks = marks, .width = finding_width}), ""};
    case Symptom::vanishing_gradient:
    case Symptom::exploding_gradient:
      if (moments_of(log, Flow::gradient).empty()) return std::nullopt;
      return flow_of_finding(log, Flow::gradient, marks, name, "");
    case Symptom::exploding_activation:
    case Symptom::variance_drift:
      if (moments_of(log, Flow::signal).empty()) return std::nullopt;
      return flow_of_finding(log, Flow::signal, marks, name, "The signal goes down from the input. Healthy: the same order of size in all layers.");
    case Symptom::zigzag:
      return over_steps(log, name, "Gradients of a unit’s weights that agree in sign", "Healthy: about 10 % where inputs of both signs are equally frequent, below 60 % after a rectifier.", true,
                        of_layer([](const LayerWindow& layer) { return layer.sign_agreement; }));
    case Symptom::symmetric_units:
      return over_steps(log, name, "How far the units’ weights are from their mean", "As a share of the weights’ size. At 0 all units of the layer are the same one.", true,
                        of_layer([](const LayerWindow& layer) { return layer.unit_spread; }));
    case Symptom::linear_collapse: {
      const double units = finding.layer && *finding.layer < log.layers.size() ? static_cast<double>(log.layers[*finding.layer].units) : 1;
      return over_steps(log, name, "Units that are linear on all samples", "Layers without a bend between them are one linear layer.", true,
                        of_layer([units](const LayerWindow& layer) { return static_cast<double>(layer.linear_units) / units; }));
    }
    case Symptom::not_learning:
    case Symptom::oscillating_loss:
    case Symptom::non_finite:
      break;
  }
  const auto broken = std::ranges::find_if(log.windows, [](const Window& window) { return !std::isfinite(window.loss); });
  const std::string title = "The loss of the training batches" + (broken == log.windows.end() ? "" : ", not finite in " + when(*broken));
  return over_steps(log, name, title, "", false, [](const Window& window) { return window.loss; });
}

}  // namespace rectify::report
