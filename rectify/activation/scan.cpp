#include "rectify/activation/scan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rectify::activation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Below this a value has underflowed, or is about to.
constexpr double tiny = 1e-200;

int sign_of(double y) { return (y > 0) - (y < 0); }

/// Whether one of the breaks lies between a and b; it is stored in `place`.
bool has_break(const std::vector<double>& breaks, double a, double b, double& place) {
  const auto found = std::ranges::lower_bound(breaks, a);
  if (found == breaks.end() || *found > b) return false;
  place = *found;
  return true;
}

/// Zeros at one end of the grid that are values too small for a double: their number. f vanishes at the end; a function that is flat there has a
/// size of its own a little way inside of the edge, one that decays is still below any size.
size_t underflown(const Sampled& f, const std::vector<double>& grid, bool from_the_right) {
  const size_t n = grid.size();
  const auto index = [&](size_t k) { return from_the_right ? n - 1 - k : k; };
  size_t zeros = 0;
  while (zeros < n && f.at[index(zeros)] == 0) ++zeros;
  if (zeros == 0 || zeros == n) return 0;
  const double edge = halve(grid[index(zeros - 1)], grid[index(zeros)], [&](double x) { return f.function(x) == 0; });
  const double inside = 0.01 * std::max(1.0, std::fabs(edge));
  return std::fabs(f.function(from_the_right ? edge - inside : edge + inside)) < tiny ? zeros : 0;
}

}  // namespace

double just_below(double x) { return x == 0 ? -0x1p-80 : x - 0x1p-49 * std::fabs(x); }
double just_above(double x) { return x == 0 ? 0x1p-80 : x + 0x1p-49 * std::fabs(x); }

double halve(double a, double b, const std::function<bool(double)>& before) {
  for (int step = 0; step < 200; ++step) {
    const double middle = a + (b - a) / 2;
    if (middle == a || middle == b) break;
    (before(middle) ? a : b) = middle;
  }
  return b;
}

std::vector<double> scanning_grid(const std::vector<double>& breaks) {
  std::vector<double> magnitudes;
  // The ratio of the geometric parts is 2^(1/4), rounded: only the order of the points matters.
  for (double x = 0x1p-40; x < 0x1p-6; x *= 1.189207) magnitudes.push_back(x);
  for (double x = 0x1p-6; x < 32; x += 0x1p-6) magnitudes.push_back(x);
  for (double x = 32; x < 1024; x *= 1.0625) magnitudes.push_back(x);
  for (double x = 1024; x <= 0x1p60; x *= 2) magnitudes.push_back(x);
  std::vector<double> grid{0.0};
  for (const double x : magnitudes) grid.push_back(x), grid.push_back(-x);
  for (const double b : breaks) grid.push_back(just_below(b)), grid.push_back(just_above(b));
  std::ranges::sort(grid);
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
  std::erase_if(grid, [&](double x) { return std::ranges::find(breaks, x) != breaks.end(); });
  return grid;
}

Sampled sampled(std::function<double(double)> function, const std::vector<double>& grid) {
  Sampled f{.function = std::move(function), .at = {}, .scale = 0};
  for (const double x : grid) {
    f.at.push_back(f.function(x));
    if (std::fabs(x) <= 32 && std::isfinite(f.at.back())) f.scale = std::max(f.scale, std::fabs(f.at.back()));
  }
  return f;
}

std::vector<double> jumps(const Sampled& f, const std::vector<double>& grid) {
  std::vector<double> found;
  const auto rise = [&](size_t i) { return std::fabs(f.at[i + 1] - f.at[i]); };
  for (size_t i = 1; i + 2 < grid.size(); ++i) {
    if (std::fabs(grid[i]) > 32 || !(rise(i) > 1e-6 * f.scale) || !(rise(i) > 1.5 * std::min(rise(i - 1), rise(i + 1)))) continue;
    double a = grid[i], b = grid[i + 1], at_a = f.at[i], at_b = f.at[i + 1];
    for (int step = 0; step < 200; ++step) {
      const double middle = a + (b - a) / 2;
      if (middle == a || middle == b) break;
      const double y = f.function(middle);
      if (std::fabs(y - at_a) > std::fabs(at_b - y)) {
        b = middle, at_b = y;
      } else {
        a = middle, at_a = y;
      }
    }
    if (std::fabs(at_b - at_a) < 0.5 * rise(i)) continue;
    // a and b are neighbours; the place is the one on which the limits agree, the rounder number: 0 rather than a subnormal.
    const double place = a <= 0 && b >= 0 ? 0.0 : std::fmod(a, 0x1p-20) == 0 ? a : b;
    found.push_back(place);
  }
  return found;
}

std::vector<Stretch> signs(const Sampled& f, const std::vector<double>& grid, const std::vector<double>& breaks) {
  std::vector<Stretch> result;
  const size_t first = underflown(f, grid, false), last = grid.size() - underflown(f, grid, true);
  double previous = 0;
  for (size_t i = first; i < last; ++i) {
    if (std::isnan(f.at[i])) continue;
    const double x = grid[i];
    const int sign = sign_of(f.at[i]);
    double place = 0;
    const bool broken = !result.empty() && has_break(breaks, previous, x, place);
    if (result.empty()) {
      result.push_back({-infinity, infinity, sign});
    } else if (broken || result.back().sign != sign) {
      const int before = result.back().sign;
      if (!broken) place = halve(previous, x, [&](double z) { return sign_of(f.function(z)) == before; });
      result.back().high = place;
      result.push_back({place, infinity, sign});
    }
    previous = x;
  }
  // A zero at a single point is a root between its neighbours, not a stretch.
  for (size_t i = 1; i + 1 < result.size();) {
    const auto [low, high, sign] = result[i];
    if (sign == 0 && high - low < 0x1p-60 + 1e-12 * std::fabs(low)) {
      result[i - 1].high = result[i + 1].low = low <= 0 && high >= 0 ? 0.0 : low;
      result.erase(result.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  return result;
}

double largest_magnitude(const Sampled& f, const std::vector<double>& grid, const std::vector<double>& breaks) {
  std::vector<size_t> peaks;
  double largest = 0;
  for (size_t i = 0; i < grid.size(); ++i) {
    const double y = std::fabs(f.at[i]);
    if (y > largest) largest = y;
    const bool peak = i > 0 && i + 1 < grid.size() && y >= std::fabs(f.at[i - 1]) && y >= std::fabs(f.at[i + 1]);
    if (peak) peaks.push_back(i);
  }
  if (!std::isfinite(largest)) return largest;
  constexpr size_t tried = 8;
  std::ranges::sort(peaks, [&](size_t i, size_t j) { return std::fabs(f.at[i]) > std::fabs(f.at[j]); });
  if (peaks.size() > tried) peaks.resize(tried);
  constexpr double golden = 0.6180339887498949;
  for (const size_t i : peaks) {
    double a = grid[i - 1], b = grid[i + 1], place = 0;
    if (has_break(breaks, a, grid[i], place)) a = grid[i];
    if (has_break(breaks, grid[i], b, place)) b = grid[i];
    double c = b - golden * (b - a), d = a + golden * (b - a);
    double at_c = std::fabs(f.function(c)), at_d = std::fabs(f.function(d));
    for (int step = 0; step < 50; ++step) {
      if (at_c > at_d) {
        b = d, d = c, at_d = at_c, c = b - golden * (b - a), at_c = std::fabs(f.function(c));
      } else {
        a = c, c = d, at_c = at_d, d = a + golden * (b - a), at_d = std::fabs(f.function(d));
      }
    }
    largest = std::max({largest, at_c, at_d});
  }
  return largest;
}

}  // namespace rectify::activation
