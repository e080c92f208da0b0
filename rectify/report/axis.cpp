#include "rectify/report/axis.h"

#include <algorithm>
#include <cmath>

namespace rectify::report {
namespace {

std::string superscript(int exponent) {
  static constexpr const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(exponent))) text += digits[digit - '0'];
  return text;
}

int exponent_of(double x) { return static_cast<int>(std::floor(std::log10(std::fabs(x)))); }

std::string with_minus_sign(std::string text) {
  if (!text.empty() && text.front() == '-') text.replace(0, 1, "−");
  return text;
}

/// 1, 2 or 5 times a power of ten, the smallest that is not below `raw`.
double nice_step(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// `scale` is what the labels are multiplied with.
Ticks ticks_of(Range range, int wanted, bool whole, double scale, const char* unit) {
  Ticks ticks;
  if (!(range.width() > 0) || !std::isfinite(range.width())) return ticks;
  double step = 0, first = 1, last = 0;
  // A coarse step can miss a narrow range altogether: then a finer one is taken. A hair of tolerance keeps a tick that rounding moved just outside.
  for (int parts = std::max(wanted, 1); last < first; ++parts) {
    const double finer = nice_step(range.width() / parts);
    step = whole ? std::max(finer, 1.0) : finer;
    first = std::ceil(range.low / step - 1e-6), last = std::floor(range.high / step + 1e-6);
    if (whole && finer <= 1) break;
  }
  const double largest = std::max(std::fabs(range.low), std::fabs(range.high)) * scale;
  const double shown_step = step * scale;
  const bool scientific = largest >= 1e6 || largest < 1e-3;
  const int exponent = scientific ? exponent_of(largest) : 0;
  const double unit_of_labels = std::pow(10.0, exponent);
  const int places = std::clamp(-exponent_of(shown_step / unit_of_labels * (1 + 1e-9)), 0, 12);
  for (double i = first; i <= last && ticks.values.size() < 100; ++i) {
    const double value = i == 0 ? 0.0 : i * step;
    ticks.values.push_back(value);
    std::string label = with_minus_sign(fixed(value * scale / unit_of_labels, places));
    if (scientific) label = value == 0 ? "0" : label + "×10" + superscript(exponent);
    ticks.labels.push_back(label + unit);
  }
  return ticks;
}

}  // namespace

void RangeFinder::add(double x) {
  if (!std::isfinite(x)) return;
  const bool first = empty();
  low_ = first ? x : std::min(low_, x);
  high_ = first ? x : std::max(high_, x);
}

Range RangeFinder::range(double margin) const {
  if (empty()) return {0, 1};
  const double width = high_ - low_;
  if (!(width > 1e-12 * std::max(std::fabs(low_), std::fabs(high_)))) {
    const double around = low_ == 0 ? 1 : 0.1 * std::fabs(low_);
    return {low_ - around, low_ + around};
  }
  return {low_ - margin * width, high_ + margin * width};
}

Ticks nice_ticks(Range range, int wanted, bool whole) { return ticks_of(range, wanted, whole, 1, ""); }
Ticks percent_ticks(Range range, int wanted) { return ticks_of(range, wanted, false, 100, " %"); }

Ticks power_ticks(Range exponents, int wanted) {
  Ticks ticks = nice_ticks(exponents, wanted, true);
  ticks.labels.clear();
  for (const double exponent : ticks.values) ticks.labels.push_back(exponent == 0 ? "1" : "10" + superscript(static_cast<int>(exponent)));
  return ticks;
}

std::string readable(double x, int digits) {
  if (!std::isfinite(x) || x == 0) return with_minus_sign(decimal(x));
  const int exponent = exponent_of(x);
  if (exponent >= 6 || exponent < -3) {
    // Dividing by 10^-exponent twice keeps the power finite for the smallest doubles.
    const double half = std::pow(10.0, exponent / 2), rest = std::pow(10.0, exponent - exponent / 2);
    return with_minus_sign(fixed(x / half / rest, std::max(digits - 1, 0))) + "×10" + superscript(exponent);
  }
  return with_minus_sign(fixed(x, std::max(digits - 1 - exponent, 0)));
}

std::string percent(double share) { return std::isfinite(share) ? fixed(100 * share, 1) + " %" : "not finite"; }

double end_width(const Ticks& ticks) { return ticks.labels.empty() ? 0 : text_width(ticks.labels.back(), tick_size) / 2 + 4; }

double label_width(const Ticks& ticks) {
  double width = 0;
  for (const std::string& label : ticks.labels) width = std::max(width, text_width(label, tick_size));
  return width + 8;
}

void Frame::draw_x_axis(Drawing& drawing, const Ticks& ticks, std::string_view label) const {
  drawing.line({box.left, box.bottom()}, {box.right(), box.bottom()}, {palette::axis, 1});
  for (size_t i = 0; i < ticks.values.size(); ++i) {
    const double place = at_x(ticks.values[i]);
    drawing.line({place, box.bottom()}, {place, box.bottom() + 4}, {palette::axis, 1});
    drawing.text({place, box.bottom() + 17}, ticks.labels[i], {.size = tick_size, .colour = palette::muted, .anchor = Anchor::middle});
  }
  drawing.text({box.right(), box.bottom() + 33}, label, {.size = tick_size, .colour = palette::muted, .anchor = Anchor::end});
}

void Frame::draw_y_axis(Drawing& drawing, const Ticks& ticks) const {
  for (size_t i = 0; i < ticks.values.size(); ++i) {
    const double place = at_y(ticks.values[i]);
    drawing.line({box.left, place}, {box.right(), place}, {palette::grid, 1});
    drawing.text({box.left - 8, place + 4}, ticks.labels[i], {.size = tick_size, .colour = palette::muted, .anchor = Anchor::end});
  }
}

}  // namespace rectify::report
