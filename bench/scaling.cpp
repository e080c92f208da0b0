// The question: does the time of a step grow as its work does, in depth, width and batch, and how close is it to what the machine can do?
#include <fmt/format.h>

#include "bench/machine.h"
#include "bench/peers/rectify.h"
#include "bench/program.h"

namespace {

struct Series {
  const char* name;
  std::vector<bench::Problem> problems;
  std::vector<int64_t> sizes;
};

bench::Problem network(int64_t depth, int64_t width, int64_t batch) {
  bench::Problem problem{.layers = {}, .input = {.channels = width}, .batch = batch};
  for (int64_t i = 0; i < depth; ++i) {
    problem.layers.push_back(bench::linear(width));
    problem.layers.push_back(bench::activation("relu"));
  }
  problem.layers.push_back(bench::linear(10));
  return problem;
}

std::vector<Series> all_series() {
  Series depth{"depth {}, width 256, batch 128", {}, {2, 4, 8, 16, 32, 64, 128}};
  for (const int64_t size : depth.sizes) depth.problems.push_back(network(size, 256, 128));
  Series width{"width {}, depth 2, batch 128", {}, {16, 32, 64, 128, 256, 512, 1024, 2048, 4096}};
  for (const int64_t size : width.sizes) width.problems.push_back(network(2, size, 128));
  Series batch{"batch {}, depth 2, width 512", {}, {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}};
  for (const int64_t size : batch.sizes) batch.problems.push_back(network(2, 512, size));
  return {depth, width, batch};
}

/// What a step moves if nothing stays in a cache: weights are read forward, backward and by the optimiser, which writes them, reads and writes moments and reads gradients, which the
/// backward pass has written; outputs of layers are written, read forward, read backward, and their gradients written and read twice.
double bytes_moved(const bench::Problem& problem) {
  double outputs = 0;
  for (const bench::Sample& shape : bench::shapes(problem)) outputs += static_cast<double>(problem.batch * shape.size());
  return sizeof(float) * (8 * static_cast<double>(bench::parameter_count(problem)) + 6 * outputs);
}

}  // namespace

int main(int argument_count, char** arguments) {
  bench::Program program("scaling", "How the time of a training step grows with depth, width and batch, and the shares of the FMA peak and of the memory's bandwidth.", 9);
  return program.run(argument_count, arguments, [&] {
    const bench::Inquiry inquiry{.libraries = {bench::rectify_library()}, .sampling = program.sampling};
    const bench::Library& library = inquiry.libraries[0];
    bench::Report report =
        bench::begin_report(inquiry, "Scaling", bench::microseconds(), {library.name, bench::peak_name, bench::bandwidth_name});
    std::mt19937 random(1);
    double bandwidths[std::size(bench::thread_counts)];
    for (size_t i = 0; i < std::size(bandwidths); ++i) {
      bandwidths[i] = bench::memory_bandwidth(bench::thread_counts[i]);
      report.facts.emplace_back(fmt::format("bytes_per_second_{}", bench::thread_counts[i]), bandwidths[i]);
    }
    for (Series& series : all_series()) {
      report.print_heading("Training steps of linear layers with relu, and linear(10)");
      for (size_t i = 0; i < series.problems.size(); ++i) {
        bench::Problem& problem = series.problems[i];
        bench::fill(problem);
        for (size_t t = 0; t < std::size(bandwidths); ++t) {
          const int threads = bench::thread_counts[t];
          library.set_threads(threads);
          const std::shared_ptr<bench::Network> training = library.network(problem);
          const bench::Contender contenders[] = {
              {.name = library.name, .run = [training] { training->step(); }, .prepare = [&] { library.set_threads(threads); }, .threads = threads},
              bench::fma_peak(bench::operations(problem), threads)};
          auto seconds = bench::measure(contenders, inquiry.sampling, random);
          const std::vector<double> moving(seconds[0].size(), bytes_moved(problem) / bandwidths[t]);
          report.add({.name = fmt::format(fmt::runtime(series.name), series.sizes[i]),
                      .threads = threads,
                      .work = bench::operations(problem),
                      .timings = {{library.name, seconds[0]}, {bench::peak_name, seconds[1]}, {bench::bandwidth_name, moving}}});
        }
      }
    }
    report.print("\nShares of the bandwidth above 100 % are of networks that stay in the caches; see bench/README.md for what is counted.\n");
    return report;
  });
}
