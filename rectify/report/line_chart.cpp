#include "rectify/report/line_chart.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"

namespace rectify::report {
namespace {

constexpr double label_size = 12, label_spacing = 15;

struct EndLabel {
  double y = 0;       // where the line ends
  double placed = 0;  // where there is room
  size_t series = 0;
};

/// Labels at the ends of lines, moved apart as little as a few sweeps find and kept inside the frame.
std::vector<EndLabel> place_labels(const LineChart& chart, const Frame& frame) {
  std::vector<EndLabel> labels;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const Series& series = chart.series[i];
    if (series.label.empty()) continue;
    for (size_t j = series.y.size(); j-- > 0;) {
      if (!std::isfinite(series.y[j])) continue;
      const double y = std::clamp(frame.at_y(series.y[j]), frame.box.top, frame.box.bottom());
      labels.push_back({y, y, i});
      break;
    }
  }
  std::ranges::stable_sort(labels, {}, &EndLabel::y);
  for (int sweep = 0; sweep < 200; ++sweep) {
    for (size_t i = 1; i < labels.size(); ++i) {
      const double overlap = label_spacing - (labels[i].placed - labels[i - 1].placed);
      if (overlap > 0) labels[i - 1].placed -= overlap / 2, labels[i].placed += overlap / 2;
    }
    for (EndLabel& label : labels) label.placed = std::clamp(label.placed, frame.box.top + 2, frame.box.bottom() - 2);
  }
  return labels;
}

void draw_key(Drawing& drawing, const LineChart& chart, double y) {
  double x = 0;
  for (const auto& [text, dashed] : chart.strokes) {
    drawing.line({x, y - 4}, {x + 22, y - 4}, {palette::muted, 2, dashed});
    drawing.text({x + 28, y}, text, {.size = tick_size, .colour = palette::muted});
    x += 28 + text_width(text, tick_size) + 18;
  }
}

}  // namespace

std::string svg(const LineChart& chart) {
  Drawing drawing(chart.width, chart.height, chart.title);
  double top = drawing.heading(chart.title, chart.subtitle, chart.width);
  if (!chart.strokes.empty()) draw_key(drawing, chart, top += 12), top += 6;

  RangeFinder x, y;
  double right_margin = 14;
  for (const Series& series : chart.series) {
    if (series.x.size() != series.y.size()) {
      throw ArgumentError("[svg] the series \"" + series.label + "\" has " + std::to_string(series.x.size()) + " x for " + std::to_string(series.y.size()) + " y.");
    }
    for (size_t i = 0; i < series.x.size(); ++i) {
      if (std::isfinite(series.y[i])) x.add(series.x[i]), y.add(series.y[i]);
    }
    if (!series.label.empty()) right_margin = std::max(right_margin, 14 + text_width(series.label, label_size, true));
  }
  Frame frame{.box = {}, .x = x.range(), .y = chart.y ? *chart.y : y.range(0.06)};
  const Ticks y_ticks = chart.percent ? percent_ticks(frame.y, 5) : nice_ticks(frame.y, 5);
  const Ticks x_ticks = nice_ticks(frame.x, std::max(2, static_cast<int>((chart.width - label_width(y_ticks) - right_margin) / 60)), chart.whole_x);
  right_margin = std::max(right_margin, end_width(x_ticks));
  frame.box.left = label_width(y_ticks);
  frame.box.top = top + 8;
  frame.box.width = chart.width - frame.box.left - right_margin;
  frame.box.height = chart.height - frame.box.top - x_axis_height;

  frame.draw_y_axis(drawing, y_ticks);
  frame.draw_x_axis(drawing, x_ticks, chart.x_label);
  if (y.empty()) {
    drawing.text({frame.box.left + frame.box.width / 2, frame.box.top + frame.box.height / 2}, "no finite value was recorded",
                 {.size = label_size, .colour = palette::muted, .anchor = Anchor::middle});
  }
  for (const Series& series : chart.series) {
    std::vector<Point> points;
    for (size_t i = 0; i < series.x.size(); ++i) points.push_back(frame.at(series.x[i], series.y[i]));
    drawing.polyline(points, {series.colour, series.dashed ? 1.6 : 2.2, series.dashed});
    if (series.dashed || points.size() > 40) continue;
    for (const Point& point : points) drawing.circle(point, 3, series.colour, {palette::paper, 1.2});
  }
  for (const EndLabel& label : place_labels(chart, frame)) {
    const Series& series = chart.series[label.series];
    drawing.text({frame.box.right() + 10, label.placed + 4}, series.label, {.size = label_size, .colour = series.colour, .bold = !series.dashed});
  }
  return drawing.finish();
}

}  // namespace rectify::report
