#include "cli/xor_lesson.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/answers.h"
#include "rectify/nn/collapse.h"
#include "rectify/report/drawing.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

constexpr double panel_width = 340, gap = 24, margin = 20, heading = 44, footing = 28;

/// How far the network's outputs are from those of the one affine map that it is, if it is one.
std::optional<double> collapse_difference(nn::Sequential& network, const Tensor& input) {
  const auto map = nn::collapse(network);
  if (!map) return std::nullopt;
  const Tensor expected = (*map)(input), found = train::predict(network, input);
  double largest = 0;
  for (int64_t i = 0; i < found.size(); ++i) largest = std::max(largest, std::abs(found.at(i) - expected.at(i)));
  return largest;
}

XorPanel panel(std::string title, std::string network) {
  train::Prepared run = train::prepare({.network = network, .data = "xor(n=800, noise=0.2, seed=1)", .optimiser = "adam(lr=0.02)", .epochs = 30, .batch = 32, .seed = 1});
  train::fit(run.model, *run.optimiser, run.data, run.options);
  const double accuracy = train::evaluate(run.model, run.data.test, run.options.loss).accuracy;
  const auto regions = decision_regions(run.model, run.data, run.options.loss);
  const std::string subtitle = fmt::format("{}: {:.1f} % right", network, 100 * accuracy);
  return {.title = title, .network = network, .accuracy = accuracy, .svg = report::svg(*regions, title, subtitle, panel_width),
          .collapse_difference = collapse_difference(run.model, run.data.test.input)};
}

/// The height that a document of ours begins with.
double height_of(const std::string& svg) {
  const std::string key = " height=\"";
  const size_t begin = svg.find(key) + key.size();
  double height = 0;
  std::from_chars(svg.data() + begin, svg.data() + svg.size(), height);
  return height;
}

}  // namespace

std::vector<XorPanel> xor_lesson() {
  return {panel("No hidden layer", "linear(2)"), panel("A hidden layer, but a linear one", "linear(8), identity, linear(2)"),
          panel("A hidden layer with ReLU", "linear(8), relu, linear(2)")};
}

std::string xor_picture(const std::vector<XorPanel>& panels) {
  double tallest = 0;
  for (const XorPanel& one : panels) tallest = std::max(tallest, height_of(one.svg));
  const auto count = static_cast<double>(panels.size());
  const double width = 2 * margin + count * panel_width + (count - 1) * gap, height = tallest + heading + footing + 2 * margin;
  report::Drawing drawing(width, height, "Decision regions of three networks on XOR: only the one with ReLU solves it");
  drawing.rectangle({0, 0, width, height}, report::palette::paper);
  drawing.text({margin, margin + 20}, "XOR: another linear layer does not help, a bend does", {.size = 20, .bold = true});
  std::string inner;
  double x = margin;
  for (const XorPanel& one : panels) {
    inner += fmt::format("<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">\n{}</svg>\n", x, margin + heading, panel_width, tallest, one.svg);
    const std::string collapsed = one.collapse_difference ? fmt::format("one affine map gives the same outputs to {:.0e}", *one.collapse_difference) : "no affine map gives these outputs";
    drawing.text({x, height - margin}, collapsed, {.size = 12});
    x += panel_width + gap;
  }
  std::string document = drawing.finish();
  return document.insert(document.rfind("</svg>"), inner);
}

}  // namespace rectify::cli
