#include "rectify/report/ridgeline.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace rectify::report {
namespace {

using observe::Histogram;

constexpr double row_height = 23, tallest_ridge = 2.4 * row_height, number_width = 58, mean_width = 66;

int64_t total(const Histogram& histogram) { return std::accumulate(histogram.counts.begin(), histogram.counts.end(), int64_t{0}); }

bool drawable(const Histogram& histogram) { return total(histogram) > 0 && std::isfinite(histogram.low) && std::isfinite(histogram.high); }

/// Where the share of all values below is `share`, values being even inside a bin.
double quantile(const Histogram& histogram, double share) {
  const double wanted = share * static_cast<double>(total(histogram));
  const double bin = (histogram.high - histogram.low) / static_cast<double>(histogram.counts.size());
  double below = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    const auto count = static_cast<double>(histogram.counts[i]);
    if (count > 0 && below + count >= wanted) return histogram.low + bin * (static_cast<double>(i) + (wanted - below) / count);
    below += count;
  }
  return histogram.high;
}

Range common_range(const std::vector<Ridge>& ridges) {
  RangeFinder finder;
  for (const Ridge& ridge : ridges) {
    if (!drawable(ridge.histogram)) continue;
    finder.add(quantile(ridge.histogram, 0.001));
    finder.add(quantile(ridge.histogram, 0.999));
  }
  return finder.range(0.03);
}

/// x and the square root of the density, from edge to edge. All values in one number are a peak as wide as a line.
std::vector<Point> outline(const Histogram& histogram, double narrowest) {
  const auto all = static_cast<double>(total(histogram));
  if (histogram.high - histogram.low < narrowest) {
    const double middle = 0.5 * (histogram.low + histogram.high), height = std::sqrt(1 / narrowest);
    return {{middle - narrowest, 0}, {middle, height}, {middle + narrowest, 0}};
  }
  const double bin = (histogram.high - histogram.low) / static_cast<double>(histogram.counts.size());
  std::vector<Point> points{{histogram.low, 0}};
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    const double height = std::sqrt(static_cast<double>(histogram.counts[i]) / (all * bin));
    if (i == 0) points.push_back({histogram.low, height});
    points.push_back({histogram.low + bin * (static_cast<double>(i) + 0.5), height});
    if (i + 1 == histogram.counts.size()) points.push_back({histogram.high, height});
  }
  points.push_back({histogram.high, 0});
  return points;
}

/// The height that all but two bins stay below: a peak of one or two bins, such as the zeros of a rectifier, must not flatten all the rest.
double usual_height(const std::vector<Point>& outline) {
  std::vector<double> heights;
  // The first and the last two points are the edges, with the heights of the outermost bins once more.
  for (size_t i = 2; i + 2 < outline.size(); ++i) heights.push_back(outline[i].y);
  if (heights.size() < 3) return outline.size() > 1 ? outline[1].y : 0;
  std::ranges::sort(heights, std::greater{});
  return 1.1 * heights[2];
}

std::string non_finite_note(const Histogram& histogram) {
  return histogram.non_finite == 0 ? "" : std::to_string(histogram.non_finite) + " not finite";
}

}  // namespace

std::vector<size_t> choose_evenly(size_t count, size_t most) {
  std::vector<size_t> chosen;
  if (most == 0) return chosen;
  const size_t wanted = std::min(count, most);
  for (size_t i = 0; i < wanted; ++i) chosen.push_back(wanted == 1 ? count - 1 : (i * (count - 1) + (wanted - 1) / 2) / (wanted - 1));
  return chosen;
}

std::string svg(const Ridgeline& chart) {
  std::vector<Ridge> ridges;
  for (const size_t i : choose_evenly(chart.ridges.size(), static_cast<size_t>(std::max(chart.most_ridges, 1)))) ridges.push_back(chart.ridges[i]);

  Drawing drawing(chart.width, 0, chart.title);
  const double top = drawing.heading(chart.title, chart.subtitle, chart.width);
  double left = 0;
  for (const Ridge& ridge : ridges) left = std::max(left, text_width(ridge.label, tick_size));
  Frame frame{.box = {left + 12, top + 16, chart.width - left - 12 - mean_width - number_width, 0}, .x = common_range(ridges), .y = {0, 1}};
  frame.box.height = tallest_ridge + row_height * static_cast<double>(std::max<size_t>(ridges.size(), 1) - 1);

  const double narrowest = frame.x.width() / 150;
  std::vector<std::vector<Point>> outlines;
  double highest = 0;
  for (const Ridge& ridge : ridges) {
    outlines.push_back(drawable(ridge.histogram) ? outline(ridge.histogram, narrowest) : std::vector<Point>{});
    highest = std::max(highest, usual_height(outlines.back()));
  }

  const Ticks ticks = nice_ticks(frame.x, std::max(3, static_cast<int>(frame.box.width / 48)));
  for (const double tick : ticks.values) {
    drawing.line({frame.at_x(tick), frame.box.top}, {frame.at_x(tick), frame.box.bottom()}, {palette::grid, 1});
  }
  const TextStyle number{.size = tick_size, .colour = palette::muted, .anchor = Anchor::end};
  drawing.text({chart.width - number_width, frame.box.top}, "mean", number);
  drawing.text({chart.width, frame.box.top}, "std. dev.", number);

  for (size_t i = 0; i < ridges.size(); ++i) {
    const Histogram& histogram = ridges[i].histogram;
    const double base = frame.box.top + tallest_ridge + row_height * static_cast<double>(i);
    const double age = ridges.size() < 2 ? 1 : static_cast<double>(i) / static_cast<double>(ridges.size() - 1);
    const Colour fill = mix(mix(palette::paper, chart.colour, 0.22), chart.colour, age), line = mix(fill, palette::ink, 0.35);
    std::vector<Point> points;
    for (const Point& point : outlines[i]) points.push_back({frame.at_x(point.x), base - (highest > 0 ? std::min(point.y / highest, 1.0) : 0) * tallest_ridge});
    drawing.line({frame.box.left, base}, {frame.box.right(), base}, {palette::grid, 1});
    drawing.begin_clip({frame.box.left, base - tallest_ridge - 2, frame.box.width, tallest_ridge + 3});
    drawing.polygon(points, fill, 0.88);
    if (points.size() > 2) drawing.polyline(std::span(points).subspan(1, points.size() - 2), {line, 1});
    drawing.end_clip();
    drawing.text({frame.box.left - 12, base}, ridges[i].label, number);
    if (const std::string note = non_finite_note(histogram); !note.empty()) {
      drawing.text({chart.width, base}, note, {.size = tick_size, .colour = palette::vermilion, .anchor = Anchor::end, .bold = true});
    } else if (drawable(histogram)) {
      drawing.text({chart.width - number_width, base}, readable(histogram.mean, 2), number);
      drawing.text({chart.width, base}, readable(histogram.standard_deviation, 2), number);
    }
  }
  frame.draw_x_axis(drawing, ticks, chart.x_label);
  return drawing.finish(frame.box.bottom() + x_axis_height);
}

}  // namespace rectify::report
