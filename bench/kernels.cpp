// The question: how long does an activation take, forward and backward, in the cache and in memory?
//
// float32, one thread, inputs uniform in [-6, 6], upstream gradients uniform in [-1, 1]. The libraries take turns in shuffled order over the same memory; each
// round gives one ratio to each peer. Before anything is timed their results are held against ours.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <span>
#include <stdexcept>

#include "bench/kernel_report.h"
#include "bench/peers/rectify.h"
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

const std::vector<std::string> activations{"relu", "leaky_relu", "sigmoid", "tanh", "elu", "softplus", "silu", "gelu", "gelu_tanh", "mish", "hardswish", "exp"};
/// Where libraries usually keep the output for the backward pass. An exact slope has to start from x, so these rows compare different computations and have no
/// aim.
const std::vector<std::string> from_output{"sigmoid", "tanh", "exp"};
constexpr int64_t cached_elements = 4096, memory_elements = int64_t{1} << 25;
constexpr double shortest_sample = 250e-6;  // seconds; in the cache a sample is as many passes as that takes

/// Elements that start at a multiple of 64 bytes, a given number of bytes after the start of a page.
class Buffer {
 public:
  Buffer(int64_t n, size_t page_offset, float low, float high, uint32_t seed) : page_offset_(page_offset) {
    constexpr size_t page = 4096;
    const size_t bytes = (page_offset + static_cast<size_t>(n) * sizeof(float) + page - 1) / page * page;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(page, bytes)));
    if (!memory_) throw std::bad_alloc();
    std::mt19937 random(seed);
    for (int64_t i = 0; i < n; ++i) data()[i] = low + (high - low) * static_cast<float>(random() >> 8) * 0x1p-24f;
  }
  float* data() { return reinterpret_cast<float*>(memory_.get() + page_offset_); }

 private:
  size_t page_offset_;
  std::unique_ptr<std::byte, decltype(&std::free)> memory_{nullptr, &std::free};
};

/// Empty if two results agree as functions do that are computed to a few units in the last place of their largest terms; otherwise where they differ.
std::string difference(std::span<const float> ours, const float* theirs) {
  for (size_t i = 0; i < ours.size(); ++i) {
    if (!(std::abs(ours[i] - theirs[i]) <= 2e-5f * std::max(1.0f, std::abs(ours[i])))) return fmt::format("element {}: {} and {}", i, ours[i], theirs[i]);
  }
  return "";
}

double seconds(const std::function<const float*()>& pass, int64_t times) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < times; ++i) pass();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Measures one case. Throws std::runtime_error if a library computes something else.
bench::KernelCase measure(std::span<const bench::KernelLibrary> libraries, const bench::KernelTask& task, int rounds, std::mt19937& random) {
  bench::KernelCase result{.activation = std::string(task.activation),
                           .direction = task.output != nullptr ? "backward, from y"
                                        : task.g != nullptr    ? "backward"
                                                               : "forward",
                           .elements = task.n,
                           .in_cache = task.n == cached_elements,
                           .has_aims = task.output == nullptr,
                           .timings = {}};
  std::vector<std::function<const float*()>> passes;
  std::vector<int64_t> times;
  std::vector<float> ours;
  for (const bench::KernelLibrary& library : libraries) {
    bench::KernelPass pass = library.prepare(task);
    if (!pass.run) continue;
    const float* y = pass.run();
    if (ours.empty()) ours.assign(y, y + cached_elements);
    if (const std::string text = difference(ours, y); !text.empty()) {
      throw std::runtime_error(
          fmt::format("{} and {} do not compute the same {} {}: {}", libraries[0].name, library.name, task.activation, result.direction, text));
    }
    const double once = task.n == cached_elements ? seconds(pass.run, 20) / 20 : shortest_sample;
    times.push_back(std::max<int64_t>(1, std::llround(shortest_sample / once)));
    passes.push_back(std::move(pass.run));
    result.timings.push_back({.library = library.name, .note = std::move(pass.note), .nanoseconds = {}});
  }
  std::vector<size_t> order(passes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int round = 0; round < rounds; ++round) {
    std::ranges::shuffle(order, random);
    for (const size_t i : order) {
      if (result.in_cache) seconds(passes[i], 1 + times[i] / 8);  // its code and data back into the cache
      result.timings[i].nanoseconds.push_back(seconds(passes[i], times[i]) / static_cast<double>(times[i] * task.n) * 1e9);
    }
  }
  return result;
}

std::vector<bench::KernelLibrary> installed_libraries() {
  std::vector<bench::KernelLibrary> libraries{bench::rectify_kernels()};
#ifdef RECTIFY_BENCH_ONEDNN
  libraries.push_back(bench::onednn_kernels());
#endif
#ifdef RECTIFY_BENCH_TORCH
  libraries.push_back(bench::torch_kernels());
#endif
#ifdef RECTIFY_BENCH_EIGEN
  libraries.push_back(bench::eigen_kernels());
#endif
  return libraries;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How long an activation takes, forward and backward, in the cache and in memory: Rectify beside the libraries that are installed.");
  bool strict = false;
  std::string json, title = "Activation kernels";
  std::vector<std::string> chosen = activations;
  int cached_rounds = 25, memory_rounds = 7;
  app.add_flag("--strict", strict, "exit status 1 if an aim is missed");
  app.add_option("--title", title, "first line of the output");
  app.add_option("--json", json, "write every repetition to this file");
  app.add_option("--activations", chosen, "which ones, separated by commas")->delimiter(',')->check(CLI::IsMember(activations));
  app.add_option("--rounds", cached_rounds, fmt::format("repetitions at {} elements", cached_elements))->check(CLI::Range(1, 10000))->capture_default_str();
  app.add_option("--memory-rounds", memory_rounds, fmt::format("repetitions at {} elements; 0 leaves them out", memory_elements))
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  try {
    const std::vector<bench::KernelLibrary> libraries = installed_libraries();
    bench::KernelReport report;
    for (const bench::KernelLibrary& library : libraries) {
      library.use_one_thread();
      report.settings.push_back({library.name, library.settings()});
    }
    if (!json.empty() && !std::ofstream(json)) throw std::runtime_error("cannot write " + json);
    fmt::print("{}\n", title);
    report.print_settings();
    std::mt19937 random(1);
    for (const int64_t n : {cached_elements, memory_elements}) {
      const int rounds = n == cached_elements ? cached_rounds : memory_rounds;
      if (rounds == 0) continue;
      // The same element is at a different place of its page in each buffer: a load does not wait for a store whose address ends in the same bits.
      Buffer x(n, 0, -6, 6, 2), g(n, 1280, -1, 1, 3), y(n, 2624, 0, 0, 4), output(n, 3264, 0, 0, 5);
      report.print_heading(n);
      for (const std::string& activation : chosen) {
        if (!libraries[0].prepare({.activation = activation}).run) continue;  // not in the catalogue
        bench::KernelTask task{.activation = activation, .x = x.data(), .y = y.data(), .n = n};
        const auto add = [&] {
          report.cases.push_back(measure(libraries, task, rounds, random));
          report.print(report.cases.back());
        };
        add();
        task.g = g.data();
        add();
        if (std::ranges::find(from_output, activation) == from_output.end()) continue;
        libraries[0].prepare({.activation = activation, .x = x.data(), .y = output.data(), .n = n}).run();
        task.output = output.data();
        add();
      }
    }
    report.print_summary();
    if (!json.empty()) report.write(json);
    return strict && !report.reached() ? 1 : 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "[kernels] {}.\n", error.what());
    return 2;
  }
}
