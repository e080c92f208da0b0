#include "cli/xor_lesson.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/answers.h"
#include "rectify/report/drawing.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

constexpr double panel_width = 340, gap = 24, margin = 20, heading = 44;

XorPanel panel(std::string title, std::string network) {
  train::Prepared run = train::prepare({.network = network, .data = "xor(n=800, noise=0.2, seed=1)", .optimiser = "adam(lr=0.02)", .epochs = 30, .batch = 32, .seed = 1});
  train::fit(run.model, *run.optimiser, run.data, run.options);
  const double accuracy = train::evaluate(run.model, run.data.test, run.options.loss).accuracy;
  const auto regions = decision_regions(run.model, run.data, run.options.loss);
  const std::string subtitle = fmt::format("{}: {:.1f} % right", network, 100 * accuracy);
  return {.title = title, .network = network, .accuracy = accuracy, .svg = report::svg(*regions, title, subtitle, panel_width)};
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
  double height = 0;
  for (const XorPanel& one : panels) height = std::max(height, height_of(one.svg));
  const auto count = static_cast<double>(panels.size());
  const double width = 2 * margin + count * panel_width + (count - 1) * gap;
  report::Drawing drawing(width, height + heading + 2 * margin, "Decision regions of three networks on XOR: only the one with ReLU solves it");
  drawing.rectangle({0, 0, width, height + heading + 2 * margin}, report::palette::paper);
  drawing.text({margin, margin + 20}, "XOR: another linear layer does not help, a bend does", {.size = 20, .bold = true});
  std::string document = drawing.finish();
  std::string inner;
  double x = margin;
  for (const XorPanel& one : panels) {
    inner += fmt::format("<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">\n{}</svg>\n", x, margin + heading, panel_width, height, one.svg);
    x += panel_width + gap;
  }
  return document.insert(document.rfind("</svg>"), inner);
}

}  // namespace rectify::cli
