#include "rectify/report/depth_chart.h"

#include <algorithm>
#include <cmath>

namespace rectify::report {
namespace {

using observe::LayerWindow;
using observe::Window;

constexpr double column_gap = 32, key_size = 12, most_decades = 12;

struct MomentStyle {
  Colour colour;
  bool dashed;
};
MomentStyle style_of(const std::vector<const Window*>& moments, size_t index) {
  if (moments[index]->last_step == 0) return {palette::grey, true};
  return {index + 1 == moments.size() ? palette::blue : palette::amber, false};
}

bool is_measured(const Window& window, Flow flow) {
  for (size_t layer = 0; layer < window.layers.size(); ++layer) {
    const LayerFlow seen = flow_of(window, layer, flow);
    if (!std::isnan(seen.before) || !std::isnan(seen.after)) return true;
  }
  return false;
}

/// Whole powers of ten around the positive numbers among these, at most `most_decades`: the largest, since the smallest are rounding.
class Decades {
 public:
  void add(double x) {
    if (x > 0) exponents_.add(std::log10(x));
    has_zero_ = has_zero_ || x == 0;
  }
  bool has_zero() const { return has_zero_; }
  Range range() const {
    const Range seen = exponents_.empty() ? Range{-1, 0} : exponents_.range();
    Range whole{std::floor(seen.low), std::ceil(seen.high)};
    whole.low = std::max(whole.low, whole.high - most_decades);
    // A decade of its own for what has no logarithm.
    if (has_zero_) whole.low -= 1;
    return whole;
  }

 private:
  RangeFinder exponents_;
  bool has_zero_ = false;
};

/// The place of x on a logarithmic axis; 0 is at the left edge.
double place(const Frame& frame, double x) { return frame.at_x(x > 0 ? std::clamp(std::log10(x), frame.x.low, frame.x.high) : frame.x.low); }

std::string number(double x) { return std::isnan(x) ? "not measured" : std::isinf(x) ? "not finite" : readable(x); }

std::string describe(const Window& window, size_t layer, Flow flow) {
  const LayerFlow seen = flow_of(window, layer, flow);
  const bool gradient = flow == Flow::gradient;
  std::string text = when(window) + ": rms " + (gradient ? "u " : "h ") + number(seen.after) + ", " + (gradient ? "d " : "z ") + number(seen.before);
  if (!std::isnan(seen.activation_factor)) text += ", activation × " + number(seen.activation_factor);
  if (!std::isnan(seen.weights_factor)) text += ", weights × " + number(seen.weights_factor);
  return text;
}

struct Columns {
  Frame flow, activation, weights;
};

void draw_moment(Drawing& drawing, const LayerRows& rows, const Columns& columns, const Window& window, Flow flow, const MomentStyle& style, size_t moment, size_t moments) {
  std::vector<Point> line, after;
  for (size_t i = 0; i < rows.layers().size(); ++i) {
    const size_t layer = rows.layers()[i];
    const LayerFlow seen = flow_of(window, layer, flow);
    const Box row = rows.row(i, 0, 0, columns.flow.box.top);
    // What was not measured is passed over, what is infinite interrupts the line.
    const auto add = [&](double value, double height) {
      if (!std::isnan(value)) line.push_back({std::isfinite(value) ? place(columns.flow, value) : value, row.top + height * row.height});
      return !std::isnan(value);
    };
    add(seen.before, 0.22);
    if (add(seen.after, 0.78)) after.push_back(line.back());
    const double bar = row.height / static_cast<double>(moments), top = row.top + bar * static_cast<double>(moment);
    for (const auto& [frame, factor] : {std::pair(&columns.activation, seen.activation_factor), std::pair(&columns.weights, seen.weights_factor)}) {
      if (std::isnan(factor)) continue;
      const double one = place(*frame, 1), end = place(*frame, factor);
      drawing.rectangle({std::min(one, end), top, std::max(std::fabs(end - one), 1.0), std::max(bar - 0.6, 0.6)}, style.colour);
    }
  }
  drawing.polyline(line, {style.colour, 1.8, style.dashed});
  const double radius = std::min(3.2, rows.row(0, 0, 0, 0).height / 5);
  for (const Point& point : line) drawing.circle(point, radius, style.colour);
  for (const Point& point : after) drawing.circle(point, radius, palette::paper, {style.colour, 1.3});
}

void draw_axis(Drawing& drawing, const Frame& frame, bool has_zero, std::string_view label, int wanted, bool from_one) {
  Ticks ticks = power_ticks({frame.x.low + (has_zero ? 1 : 0), frame.x.high}, wanted);
  if (has_zero) ticks.values.push_back(frame.x.low), ticks.labels.push_back("0");
  for (const double tick : ticks.values) {
    drawing.line({frame.at_x(tick), frame.box.top}, {frame.at_x(tick), frame.box.bottom()}, {from_one && tick == 0 ? palette::axis : palette::grid, 1});
  }
  frame.draw_x_axis(drawing, ticks, label);
}

double draw_key(Drawing& drawing, double top, double width, const std::vector<const Window*>& moments, Flow flow) {
  const TextStyle style{.size = key_size, .colour = palette::muted};
  double x = 0, y = top + 12;
  const auto entry = [&](double sample, const std::string& text, auto draw) {
    const double needed = sample + 6 + text_width(text, key_size);
    if (x > 0 && x + needed > width) x = 0, y += 17;
    draw(Point{x, y - 4});
    drawing.text({x + sample + 6, y}, text, style);
    x += needed + 20;
  };
  for (size_t i = 0; i < moments.size(); ++i) {
    const MomentStyle moment = style_of(moments, i);
    entry(24, when(*moments[i]), [&](Point at) { drawing.line(at, {at.x + 24, at.y}, {moment.colour, 2.4, moment.dashed}); });
  }
  const bool gradient = flow == Flow::gradient;
  entry(8, gradient ? "d, before the activation" : "z, before the activation", [&](Point at) { drawing.circle({at.x + 4, at.y}, 3.2, palette::muted); });
  entry(8, gradient ? "u, after it" : "h, after it", [&](Point at) { drawing.circle({at.x + 4, at.y}, 3.2, palette::paper, {palette::muted, 1.3}); });
  return y + 14;
}

}  // namespace

LayerFlow flow_of(const Window& window, size_t layer, Flow flow) {
  LayerFlow result{observe::unmeasured, observe::unmeasured, observe::unmeasured, observe::unmeasured};
  if (layer >= window.layers.size()) return result;
  const LayerWindow& seen = window.layers[layer];
  const LayerWindow* previous = layer > 0 ? &window.layers[layer - 1] : nullptr;
  if (flow == Flow::gradient) {
    result = {seen.pre_activation_gradient, seen.output_gradient, observe::unmeasured, observe::activation_factor(seen)};
    if (previous) result.weights_factor = observe::weights_factor(*previous, seen);
  } else {
    if (counted(window, layer)) result.after = seen.rms;
    result.before = seen.pre_activation_rms;
    if (result.before > 0) result.activation_factor = result.after / result.before;
    if (previous && counted(window, layer - 1) && previous->rms > 0) result.weights_factor = result.before / previous->rms;
  }
  return result;
}

std::vector<const Window*> moments_of(const observe::WatchLog& log, Flow flow) {
  std::vector<const Window*> moments;
  const Window *first = nullptr, *last = nullptr;
  for (const Window& window : log.windows) {
    if (!is_measured(window, flow)) continue;
    if (window.last_step == 0) {
      if (moments.empty()) moments.push_back(&window);
      continue;
    }
    if (!first) first = &window;
    last = &window;
  }
  if (first) moments.push_back(first);
  if (last && last != first) moments.push_back(last);
  return moments;
}

std::string svg(const DepthChart& chart) {
  const LayerRows rows(chart.log, chart.layers, chart.marks, chart.width);
  const std::vector<const Window*> moments = moments_of(chart.log, chart.flow);
  Drawing drawing(chart.width, 0, chart.title);
  double y = drawing.heading(chart.title, chart.subtitle, chart.width) + 4;
  if (moments.empty() || rows.layers().empty()) {
    drawing.text({0, y + 14}, "nothing was measured", {.size = key_size, .colour = palette::muted});
    return drawing.finish(y + 24);
  }
  y = draw_key(drawing, y, chart.width, moments, chart.flow) + 20;

  Decades sizes, factors;
  // One scale for both kinds of factor, with 1 inside.
  factors.add(0.1), factors.add(10);
  for (const Window* window : moments) {
    for (const size_t layer : rows.layers()) {
      const LayerFlow seen = flow_of(*window, layer, chart.flow);
      for (const double size : {seen.before, seen.after}) sizes.add(size);
      for (const double factor : {seen.activation_factor, seen.weights_factor}) factors.add(factor);
    }
  }
  const double left = rows.label_width(), height = rows.height(), factor_width = 0.12 * chart.width;
  const double flow_width = chart.width - left - 2 * (factor_width + column_gap) - 16;
  const auto frame = [&](double from, double width, Range x) { return Frame{.box = {from, y, width, height}, .x = x, .y = {0, 1}}; };
  const Columns columns{.flow = frame(left + 6, flow_width - 6, sizes.range()),
                        .activation = frame(left + flow_width + column_gap, factor_width, factors.range()),
                        .weights = frame(left + flow_width + factor_width + 2 * column_gap, factor_width, factors.range())};
  const bool gradient = chart.flow == Flow::gradient;
  draw_axis(drawing, columns.flow, sizes.has_zero(), gradient ? "rms of the gradient" : "rms of the signal", std::max(2, static_cast<int>(flow_width / 42)), false);
  draw_axis(drawing, columns.activation, factors.has_zero(), "", 3, true);
  draw_axis(drawing, columns.weights, factors.has_zero(), "", 3, true);
  for (const auto& [column, text] : {std::pair(&columns.activation, "× activation"), std::pair(&columns.weights, "× weights")}) {
    drawing.text({column->box.left + factor_width / 2, y - 8}, text, {.size = tick_size, .colour = palette::muted, .anchor = Anchor::middle});
  }
  rows.draw_labels(drawing, y);
  for (size_t i = 0; i < moments.size(); ++i) draw_moment(drawing, rows, columns, *moments[i], chart.flow, style_of(moments, i), i, moments.size());
  for (size_t i = 0; i < rows.layers().size(); ++i) {
    std::string text = title_of(chart.log.layers[rows.layers()[i]]);
    for (const Window* window : moments) text += "\n" + describe(*window, rows.layers()[i], chart.flow);
    drawing.tooltip(rows.row(i, 0, chart.width, y), text);
  }
  return drawing.finish(y + height + x_axis_height);
}

}  // namespace rectify::report
