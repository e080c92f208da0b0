#include "bench/product_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/buffer.h"
#include "bench/machine.h"

namespace bench {
namespace {

/// A linear layer: a batch of samples with `in` numbers becomes `out` numbers each.
struct LinearLayer {
  int64_t batch, in, out;
};

constexpr LinearLayer layers[] = {{128, 784, 512}, {128, 512, 256}, {256, 1024, 1024}, {1024, 1024, 1024}};

struct ProductCase {
  std::string name;
  ProductTask task;
};

/// x (batch, in), W (out, in) and the output's gradient g (batch, out), row major, as a training step meets them.
std::vector<ProductCase> cases(const LinearLayer& layer) {
  const auto [batch, in, out] = layer;
  const std::string shape = fmt::format("{} x {} x {}", batch, in, out);
  return {{shape + ", y = x W'  (NT)", {.transpose_b = true, .m = batch, .n = out, .k = in}},
          {shape + ", dx = g W  (NN)", {.m = batch, .n = in, .k = out}},
          {shape + ", dW = g' x (TN)", {.transpose_a = true, .m = out, .n = in, .k = batch}}};
}

std::vector<Aim> aims(Setting setting) { return {{"oneDNN", 1.05}, {"OpenBLAS", setting == Setting::installed ? 0.6 : 1.0}}; }

/// Throws Disagreement if two results differ by more than roundings can, for factors in [-1, 1].
void compare(const ProductCase& product, const Library& library, const float* ours, const float* theirs) {
  const double bound = 2e-7 * static_cast<double>(product.task.k);
  for (int64_t i = 0; i < product.task.m * product.task.n; ++i) {
    if (!(std::abs(static_cast<double>(ours[i]) - theirs[i]) <= bound)) {
      throw Disagreement(fmt::format("{}, element {}: {} here and {} of {}", product.name, i, ours[i], theirs[i], library.name));
    }
  }
}

Row measure(const Inquiry& inquiry, ProductCase product, int threads, std::mt19937& random) {
  ProductTask& task = product.task;
  Buffer a(task.m * task.k, 0, -1, 1, 1), b(task.k * task.n, 1280, -1, 1, 2), ours(task.m * task.n, 2624, 0, 0, 3), theirs(task.m * task.n, 2624, 0, 0, 3);
  task.a = a.data();
  task.b = b.data();
  task.c = ours.data();
  std::vector<Contender> contenders;
  for (const Library& library : inquiry.libraries) {
    if (!library.product) continue;
    contenders.push_back({.name = library.name,
                          .run = library.product(task),
                          .prepare = [&library, threads] { library.set_threads(threads); },
                          .threads = threads,
                          .threads_spin = library.threads_spin});
    contenders.back().prepare();
    contenders.back().run();
    if (contenders.size() > 1) compare(product, library, ours.data(), theirs.data());
    task.c = theirs.data();
  }
  contenders.push_back(fma_peak(task.operations(), threads));
  Row row{.name = product.name, .threads = threads, .work = task.operations(), .timings = {}, .aims = aims(inquiry.setting)};
  std::vector<std::vector<double>> seconds = bench::measure(contenders, inquiry.sampling, random);
  for (size_t i = 0; i < contenders.size(); ++i) row.timings.push_back({contenders[i].name, std::move(seconds[i])});
  return row;
}

/// Operations per second from registers, which is what every row measures last: the median of all rows.
double peak_of(const std::vector<Row>& rows, int threads) {
  std::vector<double> rates;
  for (const Row& row : rows) {
    if (row.threads == threads) rates.push_back(row.work / spread(row.timings.back().values).median);
  }
  return spread(std::move(rates)).median;
}

}  // namespace

Report ask_products(const Inquiry& inquiry) {
  std::vector<std::string> columns;
  for (const Library& library : inquiry.libraries) {
    if (library.product) columns.push_back(library.name);
  }
  columns.push_back(peak_name);
  Report report = begin_report(inquiry, "Matrix products", gigaflops(), columns);
  report.print_heading("Products of a linear layer, batch x in x out");
  std::mt19937 random(1);
  for (const LinearLayer& layer : layers) {
    for (const int threads : thread_counts) {
      for (const ProductCase& product : cases(layer)) report.add(measure(inquiry, product, threads, random));
    }
  }
  report.print("\n");
  for (const int threads : thread_counts) {
    const double peak = peak_of(report.rows, threads), bandwidth = memory_bandwidth(threads);
    report.facts.emplace_back(fmt::format("operations_per_second_{}", threads), peak);
    report.facts.emplace_back(fmt::format("bytes_per_second_{}", threads), bandwidth);
    report.print(fmt::format("The machine with {} thread{}: FMA peak {:.1f} GFLOP/s, memory {:.1f} GB/s\n", threads, threads == 1 ? "" : "s", peak * 1e-9,
                             bandwidth * 1e-9));
  }
  report.print_summary();
  return report;
}

}  // namespace bench
