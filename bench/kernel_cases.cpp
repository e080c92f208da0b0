#include "bench/kernel_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "bench/buffer.h"
#include "bench/peers/rectify.h"

namespace bench {
namespace {

const std::vector<std::string> known{"relu", "leaky_relu", "sigmoid", "tanh", "elu", "softplus", "silu", "gelu", "gelu_tanh", "mish", "hardswish", "exp"};
/// Where libraries usually keep the output for the backward pass. An exact slope has to start from x, so these rows compare different computations and have no
/// aim.
const std::vector<std::string> from_output{"sigmoid", "tanh", "exp"};
constexpr int64_t cached_elements = 4096, memory_elements = int64_t{1} << 25;
constexpr double cached_sample = 250e-6;  // seconds; in the cache a sample is as many passes as that takes

/// Faster than libtorch everywhere; not slower than oneDNN in memory, and at most 1.5 times as slow in the cache with 1.0 as the wish.
std::vector<Aim> aims(const KernelTask& task) {
  if (task.output != nullptr) return {};
  return {{"libtorch", 1.0}, {"oneDNN", task.n == cached_elements ? 1.5 : 1.0, 1.0}};
}

/// Empty if two results agree as functions do that are computed to a few units in the last place of their largest terms; otherwise where they differ.
std::string difference(std::span<const float> ours, const float* theirs) {
  for (size_t i = 0; i < ours.size(); ++i) {
    if (!(std::abs(ours[i] - theirs[i]) <= 2e-5f * std::max(1.0f, std::abs(ours[i])))) return fmt::format("element {}: {} and {}", i, ours[i], theirs[i]);
  }
  return "";
}

/// Measures one case. Throws Disagreement if a library computes something else.
Row measure(const Inquiry& inquiry, const KernelTask& task, int rounds, std::mt19937& random) {
  const std::string direction = task.output != nullptr ? "backward, from y" : task.g != nullptr ? "backward" : "forward";
  Row row{.name = fmt::format("{} {}", task.activation, direction), .work = static_cast<double>(task.n), .timings = {}, .aims = aims(task)};
  std::vector<Contender> contenders;
  std::vector<float> ours;
  for (const Library& library : inquiry.libraries) {
    KernelPass pass = library.kernel(task);
    if (!pass.run) continue;
    const float* y = pass.run();
    if (ours.empty()) ours.assign(y, y + cached_elements);
    if (const std::string text = difference(ours, y); !text.empty()) {
      throw Disagreement(fmt::format("{} of {} differs from ours at {}", row.name, library.name, text));
    }
    contenders.push_back({.name = library.name, .run = [run = pass.run] { run(); }});
    row.timings.push_back({.name = library.name, .values = {}, .note = std::move(pass.note)});
  }
  std::vector<std::vector<double>> seconds = bench::measure(contenders, {.rounds = rounds, .seconds = task.n == cached_elements ? cached_sample : 0}, random);
  for (size_t i = 0; i < contenders.size(); ++i) row.timings[i].values = std::move(seconds[i]);
  return row;
}

}  // namespace

std::vector<std::string> kernel_case_names() { return known; }

Report ask_kernels(const Inquiry& inquiry, int memory_rounds, const std::vector<std::string>& names) {
  std::vector<std::string> columns;
  for (const Library& library : inquiry.libraries) {
    library.set_threads(1);
    columns.push_back(library.name);
  }
  Report report = begin_report(inquiry, "Activation kernels", nanoseconds_per_element(), columns);
  std::mt19937 random(1);
  for (const int64_t n : {cached_elements, memory_elements}) {
    const int rounds = n == cached_elements ? inquiry.sampling.rounds : memory_rounds;
    if (rounds == 0) continue;
    Buffer x(n, 0, -6, 6, 2), g(n, 1280, -1, 1, 3), y(n, 2624, 0, 0, 4), output(n, 3264, 0, 0, 5);
    report.print_heading(fmt::format("Activations at {} elements", n));
    for (const std::string& name : names.empty() ? known : names) {
      KernelTask task{.activation = name, .x = x.data(), .y = y.data(), .n = n};
      report.add(measure(inquiry, task, rounds, random));
      task.g = g.data();
      report.add(measure(inquiry, task, rounds, random));
      if (inquiry.libraries.size() == 1 || std::ranges::find(from_output, name) == from_output.end()) continue;
      rectify_kernel({.activation = name, .x = x.data(), .y = output.data(), .n = n}).run();
      task.output = output.data();
      report.add(measure(inquiry, task, rounds, random));
    }
  }
  report.print_summary();
  return report;
}

}  // namespace bench
