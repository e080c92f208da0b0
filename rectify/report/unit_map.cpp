#include "rectify/report/unit_map.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace rectify::report {
namespace {

using observe::LayerWindow;
using observe::Window;

constexpr double probe_width = 22, probe_gap = 14, loss_height = 46, key_size = 12;

// Told apart by lightness alone too, and always stacked in this order.
const Colour dead_colour = palette::vermilion, stuck_colour = mix(palette::blue, palette::ink, 0.6), saturated_colour = mix(palette::paper, palette::sky, 0.6),
             active_colour = palette::grid, broken_colour = palette::ink;

struct Column {
  Window window;
  double left = 0, right = 0;
};

/// The windows of training side by side, the narrow ones joined.
std::vector<Column> columns_of(const std::vector<Window>& windows, const Frame& frame, double narrowest) {
  std::vector<Column> columns;
  for (const Window& window : windows) {
    if (window.last_step == 0) continue;
    const double right = frame.at_x(static_cast<double>(window.last_step));
    if (!columns.empty() && columns.back().right - columns.back().left < narrowest) {
      columns.back() = {observe::merged(columns.back().window, window), columns.back().left, right};
    } else {
      columns.push_back({window, frame.at_x(static_cast<double>(window.first_step) - 1), right});
    }
  }
  return columns;
}

std::string describe(const LayerWindow& window, const observe::LayerIdentity& layer) {
  const UnitShares shares = shares_of(window, layer.units);
  std::string text;
  if (window.non_finite > 0) text += std::to_string(window.non_finite) + " values not finite, ";
  const auto add_units = [&](const char* name, int64_t count, double share) {
    if (count > 0) text += std::to_string(count) + " of " + std::to_string(layer.units) + " " + name + " (" + percent(share) + "), ";
  };
  add_units("dead", window.dead_units, shares.dead);
  add_units("stuck", window.stuck_units - window.dead_units, shares.stuck);
  if (shares.saturated > 0) text += "saturated at times " + percent(shares.saturated) + ", ";
  return text + "active " + percent(shares.active);
}

/// The area from the bottom of the row up to a share of its height, in pieces where nothing was counted in between.
void draw_area(Drawing& drawing, const Box& row, const std::vector<Column>& columns, size_t layer, Colour colour, const std::function<double(const LayerWindow&)>& share) {
  std::vector<Point> area;
  bool any = false;
  const auto finish = [&] {
    if (any) {
      area.push_back({area.back().x, row.bottom()});
      drawing.polygon(area, colour);
    }
    area.clear();
    any = false;
  };
  for (const Column& column : columns) {
    const LayerWindow* window = counted(column.window, layer);
    if (window == nullptr) {
      finish();
      continue;
    }
    const double height = std::clamp(share(*window), 0.0, 1.0);
    any = any || height > 0;
    if (area.empty()) area.push_back({column.left, row.bottom()});
    area.push_back({column.left, row.bottom() - height * row.height});
    area.push_back({column.right, row.bottom() - height * row.height});
  }
  finish();
}

void draw_row(Drawing& drawing, const Box& row, const std::vector<Column>& columns, const observe::WatchLog& log, size_t layer) {
  const auto shares = [&](const LayerWindow& window) { return shares_of(window, log.layers[layer].units); };
  draw_area(drawing, row, columns, layer, active_colour, [](const LayerWindow&) { return 1.0; });
  draw_area(drawing, row, columns, layer, saturated_colour, [&](const LayerWindow& window) { return 1 - shares(window).active; });
  draw_area(drawing, row, columns, layer, stuck_colour, [&](const LayerWindow& window) { return shares(window).dead + shares(window).stuck; });
  draw_area(drawing, row, columns, layer, dead_colour, [&](const LayerWindow& window) { return shares(window).dead; });
  draw_area(drawing, row, columns, layer, broken_colour, [](const LayerWindow& window) { return window.non_finite > 0 ? 1.0 : 0.0; });
  for (const Column& column : columns) {
    const LayerWindow* window = counted(column.window, layer);
    const std::string text = title_of(log.layers[layer]) + "\n" + when(column.window) + ": " + (window ? describe(*window, log.layers[layer]) : "not measured");
    drawing.tooltip({column.left, row.top, column.right - column.left, row.height}, text);
  }
}

void draw_loss(Drawing& drawing, const Frame& frame, const std::vector<Column>& columns, const Ticks& ticks) {
  frame.draw_y_axis(drawing, ticks);
  std::vector<Point> points;
  for (const Column& column : columns) {
    points.push_back({column.left, frame.at_y(column.window.loss)});
    points.push_back({column.right, frame.at_y(column.window.loss)});
    if (!std::isfinite(column.window.loss)) drawing.rectangle({column.left, frame.box.top, column.right - column.left, frame.box.height}, broken_colour);
  }
  drawing.polyline(points, {palette::ink, 1.6});
  for (const Column& column : columns) {
    drawing.tooltip({column.left, frame.box.top, column.right - column.left, frame.box.height}, when(column.window) + ": mean loss " + readable(column.window.loss));
  }
}

/// What the colours mean; returns the y below it.
double draw_key(Drawing& drawing, double top, double width, bool any_broken) {
  std::vector<std::pair<Colour, const char*>> entries{{dead_colour, "dead: 0 throughout the window"}, {stuck_colour, "stuck: saturated throughout"},
                                                      {saturated_colour, "saturated at times"}, {active_colour, "active"}};
  if (any_broken) entries.push_back({broken_colour, "not finite"});
  double x = 0, y = top + 12;
  for (const auto& [colour, text] : entries) {
    const double needed = 17 + text_width(text, key_size);
    if (x > 0 && x + needed > width) x = 0, y += 17;
    drawing.rectangle({x, y - 10, 12, 12}, colour);
    drawing.text({x + 17, y}, text, {.size = key_size, .colour = palette::muted});
    x += needed + 20;
  }
  return y + 12;
}

/// The part of a marked layer's row from where the mark begins.
void draw_mark(Drawing& drawing, const Box& row, const Frame& frame, const LayerMark& mark) {
  const double from = mark.since_step <= 0 ? row.left : std::clamp(frame.at_x(static_cast<double>(mark.since_step) - 1), frame.box.left, frame.box.right() - 2);
  drawing.frame({from, row.top - 1, row.right() - from, row.height + 2}, {mark.colour, 1.6});
}

}  // namespace

UnitShares shares_of(const observe::LayerWindow& window, int64_t units) {
  const auto all = static_cast<double>(std::max<int64_t>(units, 1));
  UnitShares shares;
  shares.dead = std::clamp(static_cast<double>(window.dead_units) / all, 0.0, 1.0);
  shares.stuck = std::clamp(static_cast<double>(window.stuck_units - window.dead_units) / all, 0.0, 1 - shares.dead);
  // A unit that was stuck in one half of a merged window counts as stuck, while the share of saturated inputs is the mean over both.
  shares.saturated = window.saturated > 0 ? std::clamp(window.saturated - static_cast<double>(window.stuck_units) / all, 0.0, 1 - shares.dead - shares.stuck) : 0;
  shares.active = std::max(1 - shares.dead - shares.stuck - shares.saturated, 0.0);
  return shares;
}

std::string svg(const UnitMap& map) {
  const LayerRows rows(map.log, map.layers, map.marks, map.width);
  Drawing drawing(map.width, 0, map.title);
  double y = drawing.heading(map.title, map.subtitle, map.width) + 4;
  const auto is_probe = [](const Window& window) { return window.last_step == 0; };
  const auto probe = std::ranges::find_if(map.log.windows, is_probe);
  const bool probed = probe != map.log.windows.end();
  if (map.log.windows.empty() || rows.layers().empty()) {
    drawing.text({0, y + 14}, "nothing was watched", {.size = 12, .colour = palette::muted});
    return drawing.finish(y + 24);
  }
  const bool any_broken = std::ranges::any_of(map.log.windows, [&](const Window& window) {
    return !std::isfinite(window.loss) || std::ranges::any_of(rows.layers(), [&](size_t layer) { return counted(window, layer) && counted(window, layer)->non_finite > 0; });
  });
  y = draw_key(drawing, y, map.width, any_broken);

  RangeFinder steps, losses;
  for (const Window& window : map.log.windows) {
    if (is_probe(window)) continue;
    steps.add(static_cast<double>(window.first_step) - 1), steps.add(static_cast<double>(window.last_step));
    losses.add(window.loss);
  }
  const Ticks step_ticks = nice_ticks(steps.range(), map.width > 700 ? 8 : 4, true);
  const double left = rows.label_width(), right = map.width - std::max(end_width(step_ticks), 8.0), beside_probe = probed ? probe_width + probe_gap : 0;
  Frame frame{.box = {left + beside_probe, y + 6, right - left - beside_probe, loss_height}, .x = steps.range(), .y = losses.range(0.08)};
  const std::vector<Column> columns = columns_of(map.log.windows, frame, std::clamp(static_cast<double>(rows.layers().size()) / 10, 4.0, 20.0));
  if (!columns.empty()) {
    drawing.text({0, frame.box.top + loss_height / 2 + 4}, "loss", {.size = 12, .colour = palette::muted});
    draw_loss(drawing, frame, columns, nice_ticks(frame.y, 3));
    y = frame.box.bottom() + 12;
  }

  rows.draw_labels(drawing, y);
  for (size_t i = 0; i < rows.layers().size(); ++i) {
    const size_t layer = rows.layers()[i];
    const Box row = rows.row(i, left, right - left, y);
    if (probed) draw_row(drawing, row, {{*probe, left, left + probe_width}}, map.log, layer);
    draw_row(drawing, row, columns, map.log, layer);
    for (const LayerMark& mark : rows.marks()) {
      if (mark.layer == layer) draw_mark(drawing, row, frame, mark);
    }
  }
  frame.box.top = y, frame.box.height = rows.height();
  if (probed) drawing.text({left + probe_width, frame.box.bottom() + 17}, "before", {.size = tick_size, .colour = palette::muted, .anchor = Anchor::end});
  if (!steps.empty()) frame.draw_x_axis(drawing, step_ticks, "step");
  return drawing.finish(frame.box.bottom() + x_axis_height);
}

}  // namespace rectify::report
