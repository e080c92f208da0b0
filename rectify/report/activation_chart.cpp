#include "rectify/report/activation_chart.h"

#include <algorithm>
#include <cmath>

namespace rectify::report {
namespace {

constexpr Colour value_colour = palette::blue, slope_colour = palette::vermilion, curvature_colour = palette::green;

/// The formula with long numbers cut to six decimals and an ellipsis, for reading.
std::string brief(std::string_view formula) {
  std::string text;
  size_t decimals = 0;
  bool after_point = false;
  for (const char character : formula) {
    if (character < '0' || character > '9') after_point = character == '.', decimals = 0;
    if (after_point && character != '.' && ++decimals > 6) {
      if (decimals == 7) text += "…";
      continue;
    }
    text += character;
  }
  return text;
}

/// Grid, and the two lines through the origin a little stronger.
void draw_plane(Drawing& drawing, const Frame& frame, const Ticks& x_ticks, const Ticks& y_ticks) {
  for (const double tick : x_ticks.values) {
    drawing.line({frame.at_x(tick), frame.box.top}, {frame.at_x(tick), frame.box.bottom()}, {palette::grid, tick == 0 ? 0.0 : 1.0});
  }
  for (const double tick : y_ticks.values) {
    drawing.line({frame.box.left, frame.at_y(tick)}, {frame.box.right(), frame.at_y(tick)}, {palette::grid, tick == 0 ? 0.0 : 1.0});
  }
  if (frame.x.low <= 0 && frame.x.high >= 0) drawing.line({frame.at_x(0), frame.box.top}, {frame.at_x(0), frame.box.bottom()}, {palette::axis, 1});
  if (frame.y.low <= 0 && frame.y.high >= 0) drawing.line({frame.box.left, frame.at_y(0)}, {frame.box.right(), frame.at_y(0)}, {palette::axis, 1});
}

/// The extent with room around it; never so small that rounding errors would look like a shape, and always with 0 in it.
Range y_range(const Curve& curve) {
  Range range = extent(curve);
  range.low = std::min(range.low, 0.0), range.high = std::max(range.high, 0.0);
  if (range.width() < 1e-6) range = {-1, 1};
  return {range.low - 0.08 * range.width(), range.high + 0.08 * range.width()};
}

void draw_panel(Drawing& drawing, const Box& area, const Curve& curve, std::string_view name, Colour colour) {
  Frame frame{.box = area, .x = {-5, 5}, .y = y_range(curve)};
  if (!curve.pieces.empty() && !curve.pieces.front().empty()) frame.x = {curve.pieces.front().front().x, curve.pieces.back().back().x};
  const Ticks x_ticks = nice_ticks(frame.x, 5), y_ticks = nice_ticks(frame.y, 5);
  drawing.text({area.left, area.top - 10}, name, {.size = 13, .colour = colour, .bold = true});
  draw_plane(drawing, frame, x_ticks, y_ticks);
  for (size_t i = 0; i < y_ticks.values.size(); ++i) {
    drawing.text({area.left - 8, frame.at_y(y_ticks.values[i]) + 4}, y_ticks.labels[i], {.size = tick_size, .colour = palette::muted, .anchor = Anchor::end});
  }
  frame.draw_x_axis(drawing, x_ticks, "x");
  draw_curve(drawing, frame, curve, {colour, 2.4});
}

void draw_tile(Drawing& drawing, const Box& area, const ActivationCurves& curves) {
  Frame frame{.box = area, .x = {-4, 4}, .y = {-2, 4}};
  drawing.text({area.left, area.top - 23}, shorten(curves.name, 13, area.width), {.size = 13, .bold = true});
  drawing.text({area.left, area.top - 8}, shorten(brief(curves.formula), 10.5, area.width), {.size = 10.5, .colour = palette::muted});
  draw_plane(drawing, frame, nice_ticks(frame.x, 4), nice_ticks(frame.y, 3));
  drawing.begin_clip(area);
  draw_curve(drawing, frame, curves.value, {value_colour, 2.6}, false);
  draw_curve(drawing, frame, curves.slope, {slope_colour, 1.4}, false);
  drawing.end_clip();
}

}  // namespace

ActivationCurves curves_of(const activation::Function& function, Range range) {
  const auto derivative = [&](activation::Derivative which) {
    return [&function, which](double x) { return activation::evaluate(function, x, which); };
  };
  ActivationCurves curves{.name = activation::to_string(function), .formula = std::string(activation::spec(function).formula), .value = {}, .slope = {}, .curvature = {}};
  curves.slope = sample(derivative(activation::slope), range);
  std::vector<double> kinks;
  for (const Jump& jump : curves.slope.jumps) kinks.push_back(jump.x);
  curves.value = sample(derivative(activation::value_itself), range, kinks);
  curves.curvature = sample(derivative(activation::curvature), range);
  return curves;
}

std::string svg(const ActivationCurves& curves, double width) {
  Drawing drawing(width, 0, curves.name + ": value, slope and curvature");
  const double top = drawing.heading(curves.name, "f(x) = " + brief(curves.formula), width) + 30;
  constexpr double left = 46, height = 200;
  const double column = (width + 12) / 3;
  const auto area = [&](int index) { return Box{column * index + left, top, column - left - 12, height}; };
  draw_panel(drawing, area(0), curves.value, "value f(x)", value_colour);
  draw_panel(drawing, area(1), curves.slope, "slope f′(x)", slope_colour);
  draw_panel(drawing, area(2), curves.curvature, "curvature f″(x)", curvature_colour);
  return drawing.finish(top + height + x_axis_height);
}

std::string poster(std::span<const ActivationCurves> all, const std::string& title, int columns) {
  constexpr double tile_width = 208, tile_height = tile_width * 6 / 8, gap = 28, caption = 52, margin = 28;
  const int count = static_cast<int>(all.size()), rows = (count + columns - 1) / columns;
  const double width = 2 * margin + columns * tile_width + (columns - 1) * gap;
  const double top = margin + 62, height = top + rows * (tile_height + caption) + margin;
  Drawing drawing(width, height, title);
  drawing.rectangle({0, 0, width, height}, palette::paper);
  drawing.text({margin, margin + 20}, title, {.size = 24, .bold = true});
  double x = margin;
  const double key = margin + 46;
  for (const auto& [text, colour] : {std::pair{"value f(x)", value_colour}, std::pair{"slope f′(x)", slope_colour}}) {
    drawing.line({x, key - 4}, {x + 24, key - 4}, {colour, 2.4});
    drawing.text({x + 30, key}, text, {.size = 13, .colour = colour, .bold = true});
    x += 44 + text_width(text, 13, true);
  }
  drawing.text({x, key}, "on one scale: x from −4 to 4, y from −2 to 4, a line for every 2; a slope is not connected where it jumps",
               {.size = 13, .colour = palette::muted});
  for (int i = 0; i < count; ++i) {
    const double left = margin + (i % columns) * (tile_width + gap), y = top + (i / columns) * (tile_height + caption) + caption - 8;
    draw_tile(drawing, {left, y, tile_width, tile_height}, all[static_cast<size_t>(i)]);
  }
  return drawing.finish();
}

std::string poster_of_catalogue() {
  std::vector<ActivationCurves> all;
  for (const activation::Id id : activation::all()) {
    all.push_back(curves_of(activation::make(id)));
    all.back().name = std::string(activation::spec(id).name);
  }
  return poster(all, std::to_string(all.size()) + " activations and their slopes");
}

}  // namespace rectify::report
