#include "rectify/report/decision_chart.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/report/raster.h"

namespace rectify::report {
namespace {

Colour colour_of_class(int64_t label) { return palette::of_series(static_cast<size_t>(std::max<int64_t>(label, 0))); }

/// The shade is nearly white where the answer is a guess and a clear tint where it is certain.
Raster shades(const DecisionRegions& regions) {
  Raster raster{.width = regions.columns, .height = regions.rows, .pixels = {}};
  const double guess = 1.0 / std::max<double>(2, static_cast<double>(regions.class_names.size()));
  for (int row = regions.rows - 1; row >= 0; --row) {
    for (int column = 0; column < regions.columns; ++column) {
      const auto i = static_cast<size_t>(row) * static_cast<size_t>(regions.columns) + static_cast<size_t>(column);
      const double certainty = std::clamp((regions.probability[i] - guess) / (1 - guess), 0.0, 1.0);
      raster.pixels.push_back(mix(palette::paper, colour_of_class(regions.predicted[i]), 0.1 + 0.34 * certainty));
    }
  }
  return raster;
}

void draw_key(Drawing& drawing, const DecisionRegions& regions, double y, double width) {
  const TextStyle style{.size = 12, .colour = palette::muted};
  double x = 6;
  const auto advance = [&](std::string_view text) {
    drawing.text({x + 9, y}, text, style);
    x += 9 + text_width(text, style.size) + 16;
  };
  for (size_t i = 0; i < regions.class_names.size() && x < width - 200; ++i) {
    drawing.circle({x, y - 4}, 5, colour_of_class(static_cast<int64_t>(i)));
    advance(shorten(regions.class_names[i], style.size, 120));
  }
  x += 6;
  drawing.circle({x, y - 4}, 3.6, palette::muted, {palette::paper, 1});
  advance("train");
  drawing.circle({x, y - 4}, 3.6, palette::paper, {palette::muted, 1.8});
  advance("test");
}

}  // namespace

std::string svg(const DecisionRegions& regions, const std::string& title, const std::string& subtitle, double width) {
  const auto cells = static_cast<size_t>(std::max(regions.columns, 0)) * static_cast<size_t>(std::max(regions.rows, 0));
  if (regions.columns < 2 || regions.rows < 2 || regions.predicted.size() != cells || regions.probability.size() != cells) {
    throw ArgumentError("[svg] a grid of " + std::to_string(regions.columns) + " x " + std::to_string(regions.rows) + " with " +
                        std::to_string(regions.predicted.size()) + " answers and " + std::to_string(regions.probability.size()) +
                        " probabilities. Give at least 2 x 2, and one of each per cell.");
  }
  Drawing drawing(width, 0, title);
  const double key = drawing.heading(title, subtitle, width) + 12;
  draw_key(drawing, regions, key, width);
  const Ticks y_ticks = nice_ticks(regions.y, 6);
  Frame frame{.box = {label_width(y_ticks), key + 30, 0, 0}, .x = regions.x, .y = regions.y};
  frame.box.width = width - frame.box.left - 10;
  // Equal units on both axes, unless the features differ so much in range that the picture would be a ribbon.
  frame.box.height = frame.box.width * std::clamp(regions.y.width() / regions.x.width(), 0.5, 1.25);
  drawing.text({frame.box.left, frame.box.top - 8}, regions.y_name, {.size = tick_size, .colour = palette::muted});

  // Samples of the grid are at the middle of their pixels: the picture is half a pixel wider than the frame on every side.
  const double half_x = frame.box.width / (regions.columns - 1) / 2, half_y = frame.box.height / (regions.rows - 1) / 2;
  drawing.begin_clip(frame.box);
  drawing.image({frame.box.left - half_x, frame.box.top - half_y, frame.box.width + 2 * half_x, frame.box.height + 2 * half_y}, png_data_uri(shades(regions)), true);
  for (const bool test : {false, true}) {
    for (const LabelledPoint& point : regions.points) {
      if (point.test != test) continue;
      const Colour colour = colour_of_class(point.label);
      test ? drawing.circle(frame.at(point.x, point.y), 3.1, palette::paper, {colour, 1.7}) : drawing.circle(frame.at(point.x, point.y), 3.4, colour, {palette::paper, 0.9});
    }
  }
  drawing.end_clip();
  frame.draw_x_axis(drawing, nice_ticks(frame.x, 8), regions.x_name);
  for (size_t i = 0; i < y_ticks.values.size(); ++i) {
    drawing.text({frame.box.left - 8, frame.at_y(y_ticks.values[i]) + 4}, y_ticks.labels[i], {.size = tick_size, .colour = palette::muted, .anchor = Anchor::end});
  }
  return drawing.finish(frame.box.bottom() + x_axis_height);
}

}  // namespace rectify::report
