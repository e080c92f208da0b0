// The question: how much longer does an activation take that a user wrote as text than the catalogue's own kernel?
//
// Every activation's textbook formula is compiled as a user's would be. float32, one thread, 4,096 inputs uniform in [-8, 8] in the cache; formula and built-in
// take turns, and each round gives a ratio.
#include <fmt/format.h>

#include <algorithm>

#include "bench/buffer.h"
#include "bench/peers/rectify.h"
#include "bench/program.h"
#include "rectify/activation/catalogue.h"
#include "rectify/activation/formula.h"
#include "rectify/kernel/pointwise.h"

namespace {

using rectify::activation::Derivative;
using rectify::activation::Function;

constexpr int64_t elements = 4096;
constexpr double aim = 4, sample = 250e-6;  // seconds
constexpr const char* built_in_name = "built-in";

/// The catalogue's formula as a user would write it.
Function written(const rectify::activation::Spec& spec, const Function& built_in) {
  std::vector<std::pair<std::string, double>> parameters;
  for (int i = 0; i < spec.parameter_count(); ++i) parameters.emplace_back(spec.parameters[static_cast<size_t>(i)].name, built_in.parameters[static_cast<size_t>(i)]);
  return rectify::activation::formula(spec.formula, parameters);
}

}  // namespace

int main(int argument_count, char** arguments) {
  bench::Program program("formulas", "How much longer an activation takes that is written as text than the catalogue's own kernel.", 15);
  return program.run(argument_count, arguments, [&] {
    const bench::Inquiry inquiry{.libraries = {bench::rectify_library()}, .sampling = program.sampling};
    inquiry.libraries[0].set_threads(1);
    bench::Report report = bench::begin_report(inquiry, "Formulas beside the built-in kernels", bench::nanoseconds_per_element(), {"formula", built_in_name});
    bench::Buffer x(elements, 0, -8, 8, 1), g(elements, 1280, -1, 1, 2), y(elements, 2624, 0, 0, 3);
    std::mt19937 random(1);
    std::vector<bench::Row> rows;
    for (const rectify::activation::Id id : rectify::activation::all()) {
      const Function built_in = rectify::activation::make(id), formula = written(rectify::activation::spec(id), built_in);
      for (const bool backward : {false, true}) {
        const Derivative derivative = backward ? rectify::activation::slope : rectify::activation::value_itself;
        const auto pass = [&](const Function& f) {
          return [&, f, derivative, backward] { rectify::kernel::pointwise_here(f, derivative, x.data(), backward ? g.data() : nullptr, y.data(), elements); };
        };
        const bench::Contender contenders[] = {{.name = "formula", .run = pass(formula)}, {.name = built_in_name, .run = pass(built_in)}};
        const std::vector<std::vector<double>> seconds = bench::measure(contenders, {.rounds = inquiry.sampling.rounds, .seconds = sample}, random);
        rows.push_back({.name = fmt::format("{} {}", rectify::activation::spec(id).name, backward ? "backward" : "forward"),
                        .work = elements,
                        .timings = {{"formula", seconds[0]}, {built_in_name, seconds[1]}},
                        .aims = {{built_in_name, aim}}});
      }
    }
    std::ranges::sort(rows, std::greater(), [](const bench::Row& row) { return bench::comparisons(row)[0].ratio.median; });
    report.print_heading("Activations written as text");
    for (bench::Row& row : rows) report.add(std::move(row));
    report.print_summary();
    return report;
  });
}
