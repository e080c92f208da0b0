#include "rectify/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "rectify/activation/elementary.h"

namespace rectify::train {
namespace {

void require(bool condition, const Specification& specification, const char* argument, const char* expected, double value) {
  if (!condition) throw ArgumentError("[" + specification.name + "] " + argument + " must be " + expected + ", not " + number(value).text + ".");
}

}  // namespace

double Schedule::at(int64_t step, int64_t steps_per_epoch, int64_t total_steps) const {
  const double now = static_cast<double>(step), epoch = static_cast<double>(steps_per_epoch);
  double result = 1;
  if (kind == Kind::step) {
    constexpr double most = 1e15;  // a power beyond any run, and safely an integer
    result = elementary::pow(factor, static_cast<int64_t>(std::min(std::floor(now / (every * epoch)), most)));
  } else if (kind == Kind::cosine) {
    const double share = now / static_cast<double>(total_steps);
    result = share < 1 ? minimum + (1 - minimum) * (0.5 * (1 + elementary::cos(std::numbers::pi * share))) : minimum;
  } else if (kind == Kind::spike) {
    result = now >= begin * epoch && now < (begin + length) * epoch ? factor : 1;
  }
  const double warm_after = warmup * epoch;
  return now < warm_after ? result * (now / warm_after) : result;
}

Schedule schedule_from(const Specification& specification) {
  const std::vector<std::string> names{"constant", "step", "cosine", "spike"};
  const auto found = std::find(names.begin(), names.end(), specification.name);
  if (found == names.end()) {
    throw ArgumentError("[schedule] there is no schedule \"" + specification.name + "\"." + did_you_mean(specification.name, names) + " Known: constant, step, cosine and spike.");
  }
  Schedule schedule{.kind = static_cast<Schedule::Kind>(found - names.begin())};
  ArgumentReader reader(specification);
  if (schedule.kind == Schedule::Kind::step) {
    schedule.every = reader.number("every", schedule.every);
    schedule.factor = reader.number("factor", schedule.factor);
    require(schedule.every > 0, specification, "every", "a number of epochs above 0", schedule.every);
    require(schedule.factor >= 0, specification, "factor", "a number >= 0", schedule.factor);
  } else if (schedule.kind == Schedule::Kind::cosine) {
    schedule.minimum = reader.number("minimum", schedule.minimum);
    require(schedule.minimum >= 0 && schedule.minimum <= 1, specification, "minimum", "a factor from 0 to 1", schedule.minimum);
  } else if (schedule.kind == Schedule::Kind::spike) {
    schedule.begin = reader.number("at", schedule.begin);
    schedule.length = reader.number("length", schedule.length);
    schedule.factor = reader.number("factor", 100);
    require(schedule.begin >= 0, specification, "at", "a number of epochs >= 0", schedule.begin);
    require(schedule.length >= 0, specification, "length", "a number of epochs >= 0", schedule.length);
    require(schedule.factor >= 0, specification, "factor", "a number >= 0", schedule.factor);
  }
  schedule.warmup = reader.number("warmup", schedule.warmup);
  require(schedule.warmup >= 0, specification, "warmup", "a number of epochs >= 0", schedule.warmup);
  reader.finish();
  return schedule;
}

std::string to_string(const Schedule& schedule) {
  const std::string warmup = "warmup=" + number(schedule.warmup).text + ")";
  switch (schedule.kind) {
    case Schedule::Kind::constant: break;
    case Schedule::Kind::step: return "step(every=" + number(schedule.every).text + ", factor=" + number(schedule.factor).text + ", " + warmup;
    case Schedule::Kind::spike:
      return "spike(at=" + number(schedule.begin).text + ", length=" + number(schedule.length).text + ", factor=" + number(schedule.factor).text + ", " + warmup;
    case Schedule::Kind::cosine: return "cosine(minimum=" + number(schedule.minimum).text + ", " + warmup;
  }
  return "constant(" + warmup;
}

}  // namespace rectify::train
