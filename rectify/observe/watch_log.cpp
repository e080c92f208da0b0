#include "rectify/observe/watch_log.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

namespace rectify::observe {
namespace {

constexpr size_t most_of_one_length = 16;

double steps_of(const Window& window) { return static_cast<double>(window.last_step - window.first_step + 1); }

/// Which power of two the number of steps reaches; nothing for a probe.
std::optional<int> length_class(const Window& window) {
  if (window.last_step == 0) return std::nullopt;
  return std::bit_width(static_cast<uint64_t>(window.last_step - window.first_step + 1));
}

/// Means of two windows, each with its weight; what was measured in one of them alone is that.
struct Weighted {
  double earlier, later;

  double mean(double a, double b) const {
    if (std::isnan(b) || later == 0) return a;
    if (std::isnan(a) || earlier == 0) return b;
    return (a * earlier + b * later) / (earlier + later);
  }
  /// Of numbers that are roots of mean squares themselves.
  double rms(double a, double b) const { return std::sqrt(mean(a * a, b * b)); }
};

LayerWindow merged(const LayerWindow& a, const LayerWindow& b, const Weighted& by_steps) {
  const Weighted by_values{static_cast<double>(a.values), static_cast<double>(b.values)};
  const Weighted by_square{by_values.earlier * a.rms * a.rms, by_values.later * b.rms * b.rms};
  const Weighted by_weight{by_steps.earlier * a.weight * a.weight, by_steps.later * b.weight * b.weight};
  return {.values = a.values + b.values,
          .mean = by_values.mean(a.mean, b.mean),
          .rms = by_values.rms(a.rms, b.rms),
          .uncentred = by_square.mean(a.uncentred, b.uncentred),
          .smallest = a.values == 0 ? b.smallest : b.values == 0 ? a.smallest : std::min(a.smallest, b.smallest),
          .largest = a.values == 0 ? b.largest : b.values == 0 ? a.largest : std::max(a.largest, b.largest),
          .zeros = by_values.mean(a.zeros, b.zeros),
          .saturated = by_values.mean(a.saturated, b.saturated),
          .dead_units = std::max(a.dead_units, b.dead_units),
          .stuck_units = std::max(a.stuck_units, b.stuck_units),
          .linear_units = std::max(a.linear_units, b.linear_units),
          .non_finite = a.non_finite + b.non_finite,
          .pre_activation_rms = by_steps.rms(a.pre_activation_rms, b.pre_activation_rms),
          .input = by_steps.rms(a.input, b.input),
          .input_uncentred = by_steps.mean(a.input_uncentred, b.input_uncentred),
          .output_gradient = by_steps.rms(a.output_gradient, b.output_gradient),
          .pre_activation_gradient = by_steps.rms(a.pre_activation_gradient, b.pre_activation_gradient),
          .weight = by_steps.rms(a.weight, b.weight),
          .weight_gradient = by_steps.rms(a.weight_gradient, b.weight_gradient),
          .bias = by_steps.mean(a.bias, b.bias),
          .largest_bias = std::isnan(a.largest_bias) ? b.largest_bias : std::max(a.largest_bias, b.largest_bias),
          .update = by_steps.rms(a.update, b.update),
          .sign_agreement = by_steps.mean(a.sign_agreement, b.sign_agreement),
          .mean_share = by_steps.mean(a.mean_share, b.mean_share),
          .unit_spread = by_weight.rms(a.unit_spread, b.unit_spread)};
}

double ratio(double over, double under) { return under > 0 ? over / under : unmeasured; }

}  // namespace

double activation_factor(const LayerWindow& layer) { return ratio(layer.pre_activation_gradient, layer.output_gradient); }

double weights_factor(const LayerWindow& before, const LayerWindow& layer) { return ratio(before.output_gradient, layer.pre_activation_gradient); }

Window merged(const Window& earlier, const Window& later) {
  const Weighted by_steps{steps_of(earlier), steps_of(later)};
  Window result{.first_step = earlier.first_step, .last_step = later.last_step, .first_loss = earlier.first_loss, .last_loss = later.last_loss,
                .learning_rate = std::max(earlier.learning_rate, later.learning_rate), .layers = {}};
  result.loss = by_steps.mean(earlier.loss, later.loss);
  // Within the windows and between them.
  const double apart = earlier.loss - later.loss, steps = by_steps.earlier + by_steps.later;
  const double between = by_steps.earlier * by_steps.later / (steps * steps) * apart * apart;
  result.loss_deviation = std::sqrt(by_steps.mean(earlier.loss_deviation * earlier.loss_deviation, later.loss_deviation * later.loss_deviation) + between);
  for (size_t i = 0; i < later.layers.size(); ++i) result.layers.push_back(merged(earlier.layers[i], later.layers[i], by_steps));
  return result;
}

void append(WatchLog& log, Window window) {
  std::vector<Window>& windows = log.windows;
  std::optional<int> length = length_class(window);
  windows.push_back(std::move(window));
  while (length) {
    const auto of_length = [&](const Window& other) { return length_class(other) == length; };
    if (static_cast<size_t>(std::ranges::count_if(windows, of_length)) <= most_of_one_length) return;
    const auto first = std::ranges::find_if(windows, of_length);
    auto next = first + 1;
    // What lies between the two, where windows are not of the lengths that Watch gives them, goes along: no gap.
    for (bool second = false; !second; ++next) {
      second = of_length(*next);
      *first = merged(*first, *next);
    }
    windows.erase(first + 1, next);
    length = length_class(*first);
  }
}

}  // namespace rectify::observe
