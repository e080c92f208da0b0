// The question: how long does an activation take, forward and backward, in the cache and in memory?
//
// float32, one thread, inputs uniform in [-6, 6], upstream gradients uniform in [-1, 1]. The libraries take turns in shuffled order over the same memory; each
// round gives one ratio to each peer. Before anything is timed their results are held against ours.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "bench/buffer.h"
#include "bench/peers/rectify.h"
#include "bench/program.h"
#ifdef RECTIFY_BENCH_TORCH
#include "bench/peers/torch.h"
#endif
#ifdef RECTIFY_BENCH_ONEDNN
#include "bench/peers/onednn.h"
#endif
#ifdef RECTIFY_BENCH_EIGEN
#include "bench/peers/eigen.h"
#endif

namespace {

using bench::Buffer;

const std::vector<std::string> activations{"relu", "leaky_relu", "sigmoid", "tanh", "elu", "softplus", "silu", "gelu", "gelu_tanh", "mish", "hardswish", "exp"};
/// Where libraries usually keep the output for the backward pass. An exact slope has to start from x, so these rows compare different computations and have no
/// aim.
const std::vector<std::string> from_output{"sigmoid", "tanh", "exp"};
constexpr int64_t cached_elements = 4096, memory_elements = int64_t{1} << 25;
constexpr double cached_sample = 250e-6;  // seconds; in the cache a sample is as many passes as that takes

/// Faster than libtorch everywhere; not slower than oneDNN in memory, and at most 1.5 times as slow in the cache with 1.0 as the wish.
std::vector<bench::Aim> aims(const bench::KernelTask& task) {
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
bench::Row measure(const bench::Inquiry& inquiry, const bench::KernelTask& task, int rounds, std::mt19937& random) {
  const std::string direction = task.output != nullptr ? "backward, from y" : task.g != nullptr ? "backward" : "forward";
  bench::Row row{.name = fmt::format("{} {}", task.activation, direction), .work = static_cast<double>(task.n), .timings = {}, .aims = aims(task)};
  std::vector<bench::Contender> contenders;
  std::vector<float> ours;
  for (const bench::Library& library : inquiry.libraries) {
    bench::KernelPass pass = library.kernel(task);
    if (!pass.run) continue;
    const float* y = pass.run();
    if (ours.empty()) ours.assign(y, y + cached_elements);
    if (const std::string text = difference(ours, y); !text.empty()) {
      throw bench::Disagreement(fmt::format("{} of {} differs from ours at {}", row.name, library.name, text));
    }
    contenders.push_back({.name = library.name, .run = [run = pass.run] { run(); }});
    row.timings.push_back({.name = library.name, .seconds = {}, .note = std::move(pass.note)});
  }
  std::vector<std::vector<double>> seconds = bench::measure(contenders, {.rounds = rounds, .seconds = task.n == cached_elements ? cached_sample : 0}, random);
  for (size_t i = 0; i < contenders.size(); ++i) row.timings[i].seconds = std::move(seconds[i]);
  return row;
}

}  // namespace

int main(int argument_count, char** arguments) {
  bench::Program program("kernels", "How long an activation takes, forward and backward, in the cache and in memory.", 25);
  std::vector<std::string> chosen = activations;
  int memory_rounds = 7;
  program.ask_for_setting();
  program.app.add_option("--activations", chosen, "which ones, separated by commas")->delimiter(',')->check(CLI::IsMember(activations));
  program.app.add_option("--memory-rounds", memory_rounds, fmt::format("repetitions at {} elements; 0 leaves them out", memory_elements))
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  return program.run(argument_count, arguments, [&] {
    bench::Inquiry inquiry{.libraries = {bench::rectify_library()}, .sampling = program.sampling, .setting = program.setting()};
#ifdef RECTIFY_BENCH_ONEDNN
    inquiry.libraries.push_back(bench::onednn_library());
#endif
#ifdef RECTIFY_BENCH_TORCH
    inquiry.libraries.push_back(bench::torch_library());
#endif
#ifdef RECTIFY_BENCH_EIGEN
    inquiry.libraries.push_back(bench::eigen_library());
#endif
    std::vector<std::string> columns;
    for (const bench::Library& library : inquiry.libraries) {
      library.set_threads(1);
      columns.push_back(library.name);
    }
    bench::Report report = bench::begin_report(inquiry, "Activation kernels", bench::nanoseconds_per_element(), columns);
    std::mt19937 random(1);
    for (const int64_t n : {cached_elements, memory_elements}) {
      const int rounds = n == cached_elements ? inquiry.sampling.rounds : memory_rounds;
      if (rounds == 0) continue;
      Buffer x(n, 0, -6, 6, 2), g(n, 1280, -1, 1, 3), y(n, 2624, 0, 0, 4), output(n, 3264, 0, 0, 5);
      report.print_heading(fmt::format("Activations at {} elements", n));
      for (const std::string& activation : chosen) {
        bench::KernelTask task{.activation = activation, .x = x.data(), .y = y.data(), .n = n};
        report.add(measure(inquiry, task, rounds, random));
        task.g = g.data();
        report.add(measure(inquiry, task, rounds, random));
        if (std::ranges::find(from_output, activation) == from_output.end()) continue;
        bench::rectify_kernel({.activation = activation, .x = x.data(), .y = output.data(), .n = n}).run();
        task.output = output.data();
        report.add(measure(inquiry, task, rounds, random));
      }
    }
    report.print_summary();
    report.print("Backward starts from x, but in the rows \"from y\" the others start from the kept output.\n");
    return report;
  });
}
