// Measuring side by side: what is compared takes turns in shuffled order, so that a machine that slows down does so for everyone, and each round gives a ratio.
#pragma once

#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace bench {

struct Contender {
  std::string name;
  std::function<void()> run;           ///< what is repeated and timed
  std::function<void()> prepare = {};  ///< before each sample, not timed: sets the threads
  int threads = 1;
  bool threads_spin = false;           ///< several threads wait by spinning, also for a while after a run
};

struct Sampling {
  int rounds = 40;
  double seconds = 4e-3;  ///< how long one sample lasts at least: short, so that few samples hold an interruption, and the median none
};

/// Seconds per run: for each contender, one number per round. With one thread they are seconds of the process on a processor, which other programs that want the same
/// processor do not lengthen; with several, seconds on the clock. Before a sample its contender runs for a while without being timed, until its code, its data and its threads
/// are there; after one whose threads spin nothing is measured until they sleep.
std::vector<std::vector<double>> measure(std::span<const Contender> contenders, const Sampling& sampling, std::mt19937& random);

}  // namespace bench
