#include "rectify/report/firing_chart.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/report/raster.h"
#include "rectify/report/ridgeline.h"

namespace rectify::report {
namespace {

constexpr double curve_height = 96, row_height = 15, key_width = 210;

std::vector<size_t> units_by_last_rate(const std::vector<float>& rates) {
  std::vector<size_t> order(rates.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // NaN has no place in an order: such units come last.
  std::ranges::stable_sort(order, std::greater{}, [&](size_t unit) { return std::isnan(rates[unit]) ? -1.0f : rates[unit]; });
  return order;
}

Raster strip(const std::vector<FiringMoment>& moments, const std::vector<size_t>& order, Colour colour) {
  Raster raster{.width = static_cast<int>(order.size()), .height = static_cast<int>(moments.size()), .pixels = {}};
  for (const FiringMoment& moment : moments) {
    for (const size_t unit : order) {
      const float rate = moment.rates[unit];
      raster.pixels.push_back(rate == 0 ? palette::vermilion : std::isnan(rate) ? palette::grey : shade_of(colour, rate));
    }
  }
  return raster;
}

void draw_curve(Drawing& drawing, const Frame& frame, const std::vector<float>& rates, const std::vector<size_t>& order, Colour colour) {
  std::vector<Point> steps;
  for (size_t i = 0; i < order.size(); ++i) {
    const double rate = std::isfinite(rates[order[i]]) ? rates[order[i]] : 0;
    steps.push_back(frame.at(static_cast<double>(i), rate));
    steps.push_back(frame.at(static_cast<double>(i + 1), rate));
  }
  std::vector<Point> area = steps;
  area.insert(area.begin(), frame.at(0, 0));
  area.push_back(frame.at(static_cast<double>(order.size()), 0));
  drawing.polygon(area, mix(palette::paper, colour, 0.25));
  drawing.polyline(steps, {colour, 1.6});
}

void draw_key(Drawing& drawing, double right, double y, Colour colour) {
  Raster ramp{.width = 64, .height = 1, .pixels = {}};
  for (int i = 0; i < ramp.width; ++i) ramp.pixels.push_back(shade_of(colour, i / 63.0));
  const TextStyle style{.size = tick_size, .colour = palette::muted};
  const double left = right - key_width;
  drawing.rectangle({left, y - 9, 10, 10}, palette::vermilion);
  drawing.text({left + 15, y}, "never", style);
  drawing.text({left + 60, y}, "rarely", style);
  drawing.image({left + 97, y - 9, 64, 10}, png_data_uri(ramp), true);
  drawing.text({left + 167, y}, "always", style);
}

}  // namespace

FiringSummary summarise(const std::vector<float>& rates) {
  FiringSummary summary;
  for (const float rate : rates) {
    if (!std::isfinite(rate)) continue;
    ++summary.units;
    summary.never += rate == 0;
    summary.always += rate == 1;
    summary.mean += rate;
  }
  if (summary.units > 0) summary.mean /= static_cast<double>(summary.units);
  return summary;
}

std::string describe(const FiringSummary& summary) {
  if (summary.units == 0) return "No firing rate was recorded";
  const auto share = [&](int64_t count) {
    return std::to_string(count) + " of " + std::to_string(summary.units) + " units (" + decimal(100.0 * static_cast<double>(count) / static_cast<double>(summary.units), 1) + " %)";
  };
  if (summary.always == summary.units) return "All " + std::to_string(summary.units) + " units are above 0 on every sample";
  std::string text = summary.never == 0 ? "Every one of the " + std::to_string(summary.units) + " units fires on some sample"
                                        : share(summary.never) + (summary.never == 1 ? " never fires" : " never fire");
  if (summary.always > 0) text += "; " + std::to_string(summary.always) + (summary.always == 1 ? " always does" : " always do");
  return text;
}

std::string svg(const FiringChart& chart) {
  std::vector<FiringMoment> moments;
  for (const size_t i : choose_evenly(chart.moments.size(), static_cast<size_t>(std::max(chart.most_rows, 1)))) moments.push_back(chart.moments[i]);
  const size_t units = moments.empty() ? 0 : moments.back().rates.size();
  double left = label_width(percent_ticks({0, 1}, 2));
  for (const FiringMoment& moment : moments) {
    if (moment.rates.size() != units) {
      throw ArgumentError("[svg] the moments have " + std::to_string(moment.rates.size()) + " and " + std::to_string(units) + " units. They must agree.");
    }
    left = std::max(left, text_width(moment.label, tick_size) + 12);
  }
  Drawing drawing(chart.width, 0, chart.title);
  const double top = drawing.heading(chart.title, chart.subtitle, chart.width) + 6;
  if (units == 0) {
    drawing.text({0, top + 14}, "no unit was recorded", {.size = 12, .colour = palette::muted});
    return drawing.finish(top + 24);
  }
  const std::vector<size_t> order = units_by_last_rate(moments.back().rates);
  Frame frame{.box = {left, top, chart.width - left - 8, curve_height}, .x = {0, static_cast<double>(units)}, .y = {0, 1}};
  frame.draw_y_axis(drawing, percent_ticks(frame.y, 2));
  draw_curve(drawing, frame, moments.back().rates, order, chart.colour);

  const double strip_top = frame.box.bottom() + 10;
  Frame below = frame;
  below.box = {left, strip_top, frame.box.width, row_height * static_cast<double>(moments.size())};
  drawing.image(below.box, png_data_uri(strip(moments, order, chart.colour)), false);
  for (size_t i = 0; i < moments.size(); ++i) {
    drawing.text({left - 8, strip_top + row_height * (static_cast<double>(i) + 0.5) + 4}, moments[i].label,
                 {.size = 11, .colour = palette::muted, .anchor = Anchor::end});
  }
  below.draw_x_axis(drawing, nice_ticks(below.x, 5, true), "");
  const double key = below.box.bottom() + 36;
  drawing.text({left, key}, "units, sorted", {.size = tick_size, .colour = palette::muted});
  draw_key(drawing, chart.width, key, chart.colour);
  return drawing.finish(key + 8);
}

}  // namespace rectify::report
