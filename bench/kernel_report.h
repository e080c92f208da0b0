// The measurements of activation kernels: as a table, held against the aims, and as a file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/spread.h"

namespace bench {

/// One library's repetitions, in ns per element.
struct KernelTiming {
  std::string library;
  std::string note;
  std::vector<double> nanoseconds;
};

/// The repetitions of all libraries for one kernel, ours first. The i-th of each were measured together.
struct KernelCase {
  std::string activation;
  std::string direction;  ///< "forward", "backward", ...
  int64_t elements = 0;
  bool in_cache = false;
  bool has_aims = true;
  std::vector<KernelTiming> timings;
};

/// How slow ours may be against a library: the ratio ours / theirs has to be at most `required`, and `wished` is what is aimed at. Both are infinite where
/// there is no aim.
struct KernelAim {
  double required, wished;
};

/// Faster than libtorch everywhere; not slower than oneDNN in memory, and at most 1.5 times as slow in the cache with 1.0 as the wish. None for other
/// libraries.
KernelAim kernel_aim(const std::string& library, bool in_cache);

class KernelReport {
 public:
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> settings;  ///< by library
  std::vector<KernelCase> cases;

  void print_settings() const;
  void print_heading(int64_t elements) const;
  /// One line for a member of `cases`: ns per element of each library, ratio of ours with its quartiles, verdict.
  void print(const KernelCase& measured) const;
  /// The notes, and how many of the aims were reached.
  void print_summary() const;
  /// Throws std::runtime_error if the file cannot be written.
  void write(const std::string& json_file) const;
  /// Whether there was a peer with an aim, and every aim was reached.
  bool reached() const;

 private:
  /// Every different note, in the order of appearance.
  std::vector<std::string> notes() const;
};

}  // namespace bench
