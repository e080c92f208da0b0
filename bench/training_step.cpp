// The question: how long does one training step of a small classifier take?
//
// linear(256), relu, linear(128), relu, linear(10) on 784 inputs, batch 128, cross entropy, SGD (learning rate 0.01, momentum 0.9), float32. A step is forward, loss,
// backward, update and reading the loss. Every library starts from the same weights and sees the same batches; before anything is timed their losses are held
// against each other.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <random>
#include <span>

#include "bench/comparison.h"
#include "bench/peers/rectify.h"
#ifdef RECTIFY_BENCH_TORCH
#include "bench/peers/torch.h"
#endif

namespace {

constexpr int thread_counts[] = {1, 2};
constexpr int batches = 16;       // 6.4 MB of images: a training loop does not find its next batch in the L2 cache
constexpr int warm_up_steps = 32; // pools filled, threads started, the other library's threads gone to sleep
constexpr int compared_steps = 24;

bench::TrainingProblem make_problem() {
  bench::TrainingProblem problem{.widths = {784, 256, 128, 10}, .batch = 128, .weights = {}, .inputs = {}, .targets = {}, .learning_rate = 0.01, .momentum = 0.9};
  std::mt19937 random(1);
  const auto unit = [&] { return static_cast<float>(random() >> 8) * 0x1p-24f; };
  for (size_t i = 0; i + 1 < problem.widths.size(); ++i) {
    const float bound = std::sqrt(6.0f / static_cast<float>(problem.widths[i]));
    auto& weight = problem.weights.emplace_back(problem.widths[i] * problem.widths[i + 1]);
    for (float& w : weight) w = bound * (2.0f * unit() - 1.0f);
  }
  for (int b = 0; b < batches; ++b) {
    auto& input = problem.inputs.emplace_back(problem.batch * problem.widths.front());
    // Half of an image of Fashion-MNIST is black.
    for (float& x : input) x = std::max(0.0f, 2.0f * unit() - 1.0f);
    auto& target = problem.targets.emplace_back(problem.batch);
    for (int64_t& t : target) t = static_cast<int64_t>(random() % static_cast<uint32_t>(problem.widths.back()));
  }
  return problem;
}

/// Empty if the libraries' losses agree over the first steps, otherwise which do not. They round differently, so the comparison has a tolerance.
std::string disagreement(std::span<const bench::Library> libraries, const bench::TrainingProblem& problem) {
  std::vector<std::unique_ptr<bench::Training>> trainings;
  for (const bench::Library& library : libraries) trainings.push_back(library.train(problem));
  for (int step = 0; step < compared_steps; ++step) {
    const double ours = trainings[0]->step();
    for (size_t i = 1; i < trainings.size(); ++i) {
      const double theirs = trainings[i]->step();
      if (!(std::abs(ours - theirs) <= 1e-4 * std::abs(theirs))) {
        return fmt::format("step {}: the loss of {} is {} and that of {} is {}", step, libraries[0].name, ours, libraries[i].name, theirs);
      }
    }
  }
  return "";
}

void run(benchmark::State& state, const bench::Library& library, const bench::TrainingProblem& problem, int threads) {
  library.set_threads(threads);
  const std::unique_ptr<bench::Training> training = library.train(problem);
  for (int step = 0; step < warm_up_steps; ++step) benchmark::DoNotOptimize(training->step());
  for (auto _ : state) benchmark::DoNotOptimize(training->step());
  state.SetItemsProcessed(state.iterations() * problem.batch);
}

struct Arguments {
  std::string title = "One training step";
  std::optional<double> aim;
  bool strict = false;
};

/// Takes our own options out of argv. An empty result means that one of them is wrong.
std::optional<Arguments> take_arguments(std::vector<char*>& argv) {
  Arguments arguments;
  std::vector<char*> rest;
  for (char* argument : argv) {
    const std::string_view text = argument;
    if (text.starts_with("--title=")) {
      arguments.title = text.substr(8);
    } else if (text.starts_with("--aim=")) {
      double aim = 0;
      const auto [end, error] = std::from_chars(text.data() + 6, text.data() + text.size(), aim);
      if (error != std::errc() || end != text.data() + text.size() || !(aim > 0)) {
        fmt::print(stderr, "[training_step] {} is not --aim=<ratio above 0>, for example --aim=0.6.\n", text);
        return std::nullopt;
      }
      arguments.aim = aim;
    } else if (text == "--strict") {
      arguments.strict = true;
    } else {
      rest.push_back(argument);
    }
  }
  argv = std::move(rest);
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  // Defaults before the user's own flags, so that those win.
  std::vector<std::string> defaults{"--benchmark_repetitions=15", "--benchmark_min_time=0.3", "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> all{argv[0]};
  for (std::string& flag : defaults) all.push_back(flag.data());
  all.insert(all.end(), argv + 1, argv + argc);
  const std::optional<Arguments> arguments = take_arguments(all);
  if (!arguments) return 2;
  int count = static_cast<int>(all.size());
  all.push_back(nullptr);
  benchmark::Initialize(&count, all.data());
  if (benchmark::ReportUnrecognizedArguments(count, all.data())) return 2;

  std::vector<bench::Library> libraries{bench::rectify_library()};
#ifdef RECTIFY_BENCH_TORCH
  libraries.push_back(bench::torch_library());
#endif
  for (const bench::Library& library : libraries) {
    for (const auto& [key, value] : library.settings()) {
      fmt::print("{:<10} {:<16} {}\n", library.name, key, value);
      benchmark::AddCustomContext(library.name + "_" + key, value);
    }
  }

  const bench::TrainingProblem problem = make_problem();
  if (const std::string difference = disagreement(libraries, problem); !difference.empty()) {
    fmt::print(stderr, "[training_step] the libraries do not compute the same: {}.\n", difference);
    return 1;
  }
  for (const bench::Library& library : libraries) {
    for (const int threads : thread_counts) {
      benchmark::RegisterBenchmark(fmt::format("training_step/{}/threads:{}", library.name, threads).c_str(), run, library, problem, threads)
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  bench::Comparison comparison(arguments->title, "rectify", arguments->aim);
  benchmark::RunSpecifiedBenchmarks(&comparison);
  benchmark::Shutdown();
  for (const std::string& error : comparison.errors()) fmt::print(stderr, "[training_step] {}\n", error);
  if (!comparison.errors().empty()) return 1;
  return arguments->strict && !comparison.reached() ? 1 : 0;
}
