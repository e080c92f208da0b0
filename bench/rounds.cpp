#include "bench/rounds.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <numeric>
#include <thread>

namespace bench {
namespace {

/// Longer than OpenBLAS (2^26 cycles) and libgomp let their threads spin.
constexpr auto spinning = std::chrono::milliseconds(35);

double now(const Contender& contender) {
  if (contender.threads == 1) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double seconds(const Contender& contender, int64_t times) {
  const double start = now(contender);
  for (int64_t i = 0; i < times; ++i) contender.run();
  return now(contender) - start;
}

/// Until the threads of its last run sleep.
void settle(const Contender& contender) {
  if (contender.threads > 1 && contender.threads_spin) std::this_thread::sleep_for(spinning);
}

void prepare(const Contender& contender) {
  if (contender.prepare) contender.prepare();
}

/// How many runs last that long, from the fastest of a few tries: the first ones allocate and start threads.
int64_t runs_in(const Contender& contender, double duration) {
  int64_t times = 1;
  for (int tries = 0; tries < 24; ++tries) {
    const double once = seconds(contender, times) / static_cast<double>(times);
    const auto enough = std::max<int64_t>(1, std::llround(duration / std::max(once, 1e-9)));
    if (tries >= 3 && enough <= 2 * times) return enough;
    times = std::clamp<int64_t>(enough, times, times * 10);  // one run may be too short for the clock
  }
  return times;
}

}  // namespace

std::vector<std::vector<double>> measure(std::span<const Contender> contenders, const Sampling& sampling, std::mt19937& random) {
  std::vector<std::vector<double>> result(contenders.size());
  std::vector<int64_t> times;
  for (const Contender& contender : contenders) {
    prepare(contender);
    times.push_back(runs_in(contender, sampling.seconds));
    settle(contender);
  }
  std::vector<size_t> order(contenders.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int round = 0; round < sampling.rounds; ++round) {
    std::ranges::shuffle(order, random);
    for (const size_t i : order) {
      prepare(contenders[i]);
      seconds(contenders[i], 1 + times[i] / 4);
      result[i].push_back(seconds(contenders[i], times[i]) / static_cast<double>(times[i]));
      settle(contenders[i]);
    }
  }
  return result;
}

}  // namespace bench
