// The question: how much longer does an activation take that a user wrote as text than the catalogue's own kernel?
//
// Every activation's textbook formula is compiled as a user's would be. float32, one thread, 4,096 inputs uniform in [-8, 8] in the cache; formula and built-in
// take turns, and each round gives a ratio.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "bench/spread.h"
#include "rectify/activation/catalogue.h"
#include "rectify/activation/formula.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/pointwise.h"

namespace {

using rectify::activation::Derivative;
using rectify::activation::Function;

constexpr int64_t elements = 4096;
constexpr double aim = 4, shortest_sample = 100e-6;  // seconds

double nanoseconds(const Function& f, Derivative derivative, const float* x, const float* g, float* y, int64_t times) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < times; ++i) rectify::kernel::pointwise_here(f, derivative, x, g, y, elements);
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(times * elements);
}

struct Row {
  std::string name, direction;
  double built_in, formula;
  bench::Spread ratio;
};

Row measure(const std::string& name, const Function& built_in, const Function& formula, bool backward, const float* x, const float* g, float* y, int rounds) {
  const Derivative derivative = backward ? rectify::activation::slope : rectify::activation::value_itself;
  const Function functions[] = {formula, built_in};
  std::vector<double> times[2];
  int64_t repetitions[2];
  for (int i = 0; i < 2; ++i) {
    nanoseconds(functions[i], derivative, x, backward ? g : nullptr, y, 1);  // compiles a formula
    const double once = nanoseconds(functions[i], derivative, x, backward ? g : nullptr, y, 10) * elements * 1e-9;
    repetitions[i] = std::max<int64_t>(1, std::llround(shortest_sample / once));
  }
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) times[i].push_back(nanoseconds(functions[i], derivative, x, backward ? g : nullptr, y, repetitions[i]));
  }
  return {name, backward ? "backward" : "forward", bench::spread(times[1]).median, bench::spread(times[0]).median, bench::paired_ratio(times[0], times[1])};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How much longer an activation takes that is written as text than the catalogue's own kernel.");
  bool strict = false;
  int rounds = 15;
  std::string title = "Formulas beside the built-in kernels";
  app.add_flag("--strict", strict, fmt::format("exit status 1 if a formula takes more than {} times as long", aim));
  app.add_option("--rounds", rounds, "repetitions")->check(CLI::Range(1, 10000))->capture_default_str();
  app.add_option("--title", title, "first line of the output");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  rectify::set_thread_count(1);
  std::mt19937 random(1);
  std::vector<float> x(elements), g(elements), y(elements);
  for (float& v : x) v = -8 + 16 * (static_cast<float>(random() >> 8) * 0x1p-24f);
  for (float& v : g) v = -1 + 2 * (static_cast<float>(random() >> 8) * 0x1p-24f);
  std::vector<Row> rows;
  for (const rectify::activation::Id id : rectify::activation::all()) {
    const Function built_in = rectify::activation::make(id);
    const rectify::activation::Spec& spec = rectify::activation::spec(id);
    std::vector<std::pair<std::string, double>> parameters;
    for (int i = 0; i < spec.parameter_count(); ++i) parameters.emplace_back(spec.parameters[static_cast<size_t>(i)].name, built_in.parameters[static_cast<size_t>(i)]);
    const Function formula = rectify::activation::formula(spec.formula, parameters);
    for (const bool backward : {false, true}) rows.push_back(measure(std::string(spec.name), built_in, formula, backward, x.data(), g.data(), y.data(), rounds));
  }
  std::ranges::sort(rows, {}, [](const Row& row) { return -row.ratio.median; });
  fmt::print("{}\n\n{:<18} {:<9} {:>10} {:>10}   formula / built-in\n", title, "ns per element", "", "built-in", "formula");
  for (const Row& row : rows) {
    fmt::print("{:<18} {:<9} {:>10.3f} {:>10.3f}   {:.2f} [{:.2f} .. {:.2f}]{}\n", row.name, row.direction, row.built_in, row.formula, row.ratio.median, row.ratio.low,
               row.ratio.high, row.ratio.median > aim ? "  above the aim" : "");
  }
  const auto reached = std::ranges::count_if(rows, [](const Row& row) { return row.ratio.median <= aim; });
  fmt::print("\n{} of {} within {} times the built-in.\n", reached, rows.size(), aim);
  return strict && static_cast<size_t>(reached) < rows.size() ? 1 : 0;
}
