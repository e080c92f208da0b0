#include "bench/step_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/buffer.h"
#include "bench/machine.h"

namespace bench {
namespace {

constexpr int compared_steps = 24;
constexpr double fewest_operations = 1e6;  ///< below, the peak is not worth comparing with
constexpr const char* products_name = "its products";
constexpr const char* one_thread_name = "1 thread";
constexpr const char* limit_name = "the limit";
constexpr const char* unwatched_name = "unwatched";

struct StepAim {
  const char* against;
  double ratio;
  std::optional<Setting> setting = {};  ///< where the aim depends on it
};

struct StepCase {
  const char* name;
  const char* title;
  Problem problem;
  std::vector<StepAim> aims;
  double limit = 0;  ///< seconds that ours may take at most, if not 0
  bool watched = false;  ///< ours is also measured with statistics of every unit
};

Problem perceptron(const char* name) {
  return {.layers = {linear(512), activation(name), linear(256), activation(name), linear(10)}, .input = {.channels = 784}, .batch = 128};
}

Problem deep() {
  Problem problem{.layers = {}, .input = {.channels = 64}, .batch = 64};
  for (int i = 0; i < 20; ++i) {
    problem.layers.push_back(linear(64));
    problem.layers.push_back(activation("relu"));
  }
  problem.layers.push_back(linear(10));
  return problem;
}

Problem convolutional() {
  return {.layers = {convolution(32, 3), activation("relu"), max_pool(2), convolution(64, 3), activation("relu"), max_pool(2), linear(128), activation("relu"), linear(10)},
          .input = {28, 28, 1},
          .batch = 64};
}

Problem inference() {
  Problem problem = perceptron("relu");
  problem.batch = 1;
  problem.training = false;
  return problem;
}

/// Every case with its aims: ours / theirs. Half of the peak is a ratio of 2 to it; 1.8 times as fast on two threads is a ratio of 1 / 1.8 to one thread. Against "unwatched" it
/// is ours with statistics of every unit that is compared with ours without; the aim is 1.02 for layers of 256 units and more, and 1.05 for 64.
std::vector<StepCase> cases() {
  constexpr auto installed = Setting::installed, tuned = Setting::tuned;
  return {
      {"mlp_relu", "784-512-256-10 relu, batch 128", perceptron("relu"),
       {{"libtorch", 0.4, installed}, {"libtorch", 0.6, tuned}, {products_name, 1.15}, {one_thread_name, 1 / 1.8}, {unwatched_name, 1.02}}, 0, true},
      {"mlp_gelu", "784-512-256-10 gelu, batch 128", perceptron("gelu"), {{"libtorch", 0.4, installed}, {"libtorch", 0.65, tuned}, {unwatched_name, 1.02}}, 0, true},
      {"mlp_mish", "784-512-256-10 mish, batch 128", perceptron("mish"), {{"libtorch", 0.4, installed}, {"libtorch", 0.65, tuned}, {unwatched_name, 1.02}}, 0, true},
      {"deep", "20 x 64, 10, relu, batch 64", deep(), {{"libtorch", 0.25, tuned}, {unwatched_name, 1.05}}, 0, true},
      {"xor", "2-8-1 relu, batch 4",
       {.layers = {linear(8), activation("relu"), linear(1)}, .input = {.channels = 2}, .batch = 4, .loss = Loss::bce_with_logits},
       {{"libtorch", 0.03, tuned}, {limit_name, 1.0}}, 2e-6},
      {"cnn", "conv 32, 64, linear 128, 10, batch 64", convolutional(), {{"libtorch", 0.4, installed}, {peak_name, 2.0}, {one_thread_name, 1 / 1.8}}, 0, true},
      {"inference", "784-512-256-10 relu, inference of 1", inference(), {{"libtorch", 0.6, tuned}}},
  };
}

/// Throws Disagreement if the libraries' results differ over the first steps. They round differently, so the comparison has a tolerance.
void compare(const StepCase& step, const std::vector<Library>& libraries) {
  std::vector<std::unique_ptr<Network>> networks;
  for (const Library& library : libraries) networks.push_back(library.network(step.problem));
  const std::unique_ptr<Network> watched = step.watched && libraries[0].watched_network ? libraries[0].watched_network(step.problem) : nullptr;
  for (int i = 0; i < compared_steps; ++i) {
    const double ours = networks[0]->step();
    for (size_t j = 1; j < networks.size(); ++j) {
      const double theirs = networks[j]->step();
      if (!(std::abs(ours - theirs) <= 1e-4 * std::abs(theirs))) {
        throw Disagreement(fmt::format("{}, step {}: {} here and {} of {}", step.title, i, ours, theirs, libraries[j].name));
      }
    }
    // What watches must not change a bit.
    if (watched && watched->step() != ours) throw Disagreement(fmt::format("{}, step {}: another loss while the units are watched", step.title, i));
  }
}

/// The matrix products of a step of a network of linear layers, on memory of its own: no more than a step has to do.
class Products {
 public:
  Products(const Library& library, const Problem& problem) {
    const std::vector<Sample> at = shapes(problem);
    bool first = true;
    for (size_t i = 0; i < problem.layers.size(); ++i) {
      if (problem.layers[i].kind != Layer::Kind::linear) continue;
      const int64_t batch = problem.batch, in = at[i].size(), out = at[i + 1].size();
      float* const x = memory(batch * in);
      float* const w = memory(out * in);
      float* const g = memory(batch * out);
      add(library, {.transpose_b = true, .m = batch, .n = out, .k = in, .a = x, .b = w, .c = memory(batch * out)});
      if (problem.training) add(library, {.transpose_a = true, .m = out, .n = in, .k = batch, .a = g, .b = x, .c = memory(out * in)});
      if (problem.training && !first) add(library, {.m = batch, .n = in, .k = out, .a = g, .b = w, .c = memory(batch * in)});
      first = false;
    }
  }

  void run() const {
    for (const auto& product : products_) product();
  }

 private:
  float* memory(int64_t n) {
    const auto seed = static_cast<uint32_t>(buffers_.size());
    return buffers_.emplace_back(n, seed % 8 * 512, -1.0f, 1.0f, seed).data();
  }
  void add(const Library& library, const ProductTask& task) { products_.push_back(library.product(task)); }

  std::vector<Buffer> buffers_;
  std::vector<std::function<void()>> products_;
};

bool linear_only(const Problem& problem) {
  return std::ranges::all_of(problem.layers, [](const Layer& layer) { return layer.kind == Layer::Kind::linear || layer.kind == Layer::Kind::activation; });
}

std::vector<Contender> contenders_of(const StepCase& step, const std::vector<Library>& networks, const Library* products, int threads) {
  std::vector<Contender> result;
  for (const Library& library : networks) {
    library.set_threads(threads);
    const std::shared_ptr<Network> network = library.network(step.problem);
    result.push_back({.name = library.name,
                      .run = [network] { network->step(); },
                      .prepare = [&library, threads] { library.set_threads(threads); },
                      .threads = threads,
                      .threads_spin = library.threads_spin});
  }
  if (products != nullptr && linear_only(step.problem)) {
    const auto all = std::make_shared<const Products>(*products, step.problem);
    result.push_back({.name = products_name,
                      .run = [all] { all->run(); },
                      .prepare = [products, threads] { products->set_threads(threads); },
                      .threads = threads,
                      .threads_spin = products->threads_spin});
  }
  if (operations(step.problem) >= fewest_operations) result.push_back(fma_peak(operations(step.problem), threads));
  return result;
}

/// Ours with statistics of every unit; to be held against ours without, which is measured in the same rounds.
Contender watched_contender(const StepCase& step, const Library& library, int threads) {
  library.set_threads(threads);
  const std::shared_ptr<Network> network = library.watched_network(step.problem);
  return {.name = library.name, .run = [network] { network->step(); }, .prepare = [&library, threads] { library.set_threads(threads); }, .threads = threads,
          .threads_spin = library.threads_spin};
}

/// One row per thread count, and another where ours is watched. All are measured in the same rounds, so that the speed-up is of pairs as well.
std::vector<Row> measure(const StepCase& step, const std::vector<Library>& networks, const Library* products, const Inquiry& inquiry, std::mt19937& random) {
  std::vector<Contender> contenders;
  std::vector<Row> rows, watched;
  for (const int threads : thread_counts) {
    Row& row = rows.emplace_back(Row{.name = step.title, .threads = threads, .work = operations(step.problem), .timings = {}});
    for (const StepAim& aim : step.aims) {
      if (!aim.setting || aim.setting == inquiry.setting) row.aims.push_back({aim.against, aim.ratio});
    }
    for (Contender& contender : contenders_of(step, networks, products, threads)) {
      row.timings.push_back({.name = contender.name, .values = {}});
      contenders.push_back(std::move(contender));
    }
  }
  if (step.watched && networks[0].watched_network) {
    for (const Row& row : rows) {
      watched.push_back({.name = row.name + ", watched", .threads = row.threads, .work = row.work, .timings = {{.name = networks[0].name, .values = {}}}, .aims = row.aims});
      contenders.push_back(watched_contender(step, networks[0], row.threads));
    }
  }
  std::vector<std::vector<double>> seconds = bench::measure(contenders, inquiry.sampling, random);
  auto next = seconds.begin();
  for (Row& row : rows) {
    for (Timing& timing : row.timings) timing.values = std::move(*next++);
    if (step.limit > 0) row.timings.push_back({limit_name, std::vector<double>(row.timings[0].values.size(), step.limit)});
    if (row.threads > 1) row.timings.push_back({one_thread_name, rows[0].timings[0].values});
  }
  for (size_t i = 0; i < watched.size(); ++i) {
    watched[i].timings[0].values = std::move(*next++);
    watched[i].timings.push_back({unwatched_name, rows[i].timings[0].values});
    rows.push_back(std::move(watched[i]));
  }
  return rows;
}

}  // namespace

std::vector<std::string> step_case_names() {
  std::vector<std::string> names;
  for (const StepCase& step : cases()) names.emplace_back(step.name);
  return names;
}

Report ask_steps(const Inquiry& inquiry, const std::vector<std::string>& names) {
  std::vector<Library> networks;
  const Library* products = nullptr;  // by another library
  std::vector<std::string> columns;
  for (const Library& library : inquiry.libraries) {
    if (library.network) networks.push_back(library), columns.push_back(library.name);
    else if (library.product && products == nullptr) products = &library;
  }
  if (products != nullptr) columns.push_back(products_name);
  columns.push_back(peak_name);
  columns.emplace_back(unwatched_name);
  Report report = begin_report(inquiry, "Whole steps", microseconds(), columns);
  report.print_heading("Whole steps: forward, loss, backward, SGD with momentum; inference is forward alone");
  std::mt19937 random(1);
  for (StepCase& step : cases()) {
    if (!names.empty() && std::ranges::find(names, step.name) == names.end()) continue;
    fill(step.problem);
    compare(step, networks);
    for (Row& row : measure(step, networks, products, inquiry, random)) report.add(std::move(row));
  }
  report.print_summary();
  if (products != nullptr) report.print(fmt::format("\"{}\" are the matrix products of the step alone, by {}.\n", products_name, products->name));
  return report;
}

}  // namespace bench
