#include "rectify/report/layer_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rectify::report {
namespace {

constexpr double highest_row = 27, lowest_row = 7, all_rows = 760, label_size = 12, mark_size = 16;
constexpr size_t most_marks = 3;  // of one layer

}  // namespace

const observe::LayerWindow* counted(const observe::Window& window, size_t layer) {
  return layer < window.layers.size() && window.layers[layer].values > 0 ? &window.layers[layer] : nullptr;
}

std::string when(const observe::Window& window) {
  if (window.last_step == 0) return "before training";
  if (window.first_step == window.last_step) return "step " + std::to_string(window.last_step);
  return "steps " + std::to_string(window.first_step) + " to " + std::to_string(window.last_step);
}

std::string title_of(const observe::LayerIdentity& layer) {
  return layer.name + ": " + layer.layer + (layer.activation.empty() ? "" : ", " + layer.activation);
}

LayerRows::LayerRows(const observe::WatchLog& log, const std::vector<size_t>& layers, const std::vector<LayerMark>& marks, double width)
    : log_(log), layers_(layers), widest_name_(width / 4) {
  if (layers_.empty()) {
    layers_.resize(log.layers.size());
    std::iota(layers_.begin(), layers_.end(), size_t{0});
  }
  std::erase_if(layers_, [&](size_t layer) { return layer >= log.layers.size(); });
  row_height_ = std::clamp(all_rows / static_cast<double>(std::max<size_t>(layers_.size(), 1)), lowest_row, highest_row);

  std::vector<size_t> marks_of(log.layers.size());
  for (const LayerMark& mark : marks) {
    if (std::ranges::find(layers_, mark.layer) == layers_.end() || ++marks_of[mark.layer] > most_marks) continue;
    marks_.push_back(mark);
    mark_width_ = std::max(mark_width_, mark_size * static_cast<double>(marks_of[mark.layer]) + 4);
  }
  for (const size_t layer : layers_) label_width_ = std::max(label_width_, std::min(text_width(title_of(log.layers[layer]), label_size), widest_name_));
  label_width_ += mark_width_ + 18;
}

Box LayerRows::row(size_t index, double left, double width, double top) const {
  const double gap = row_height_ > 14 ? 4 : 1;
  return {left, top + row_height_ * static_cast<double>(index), width, row_height_ - gap};
}

void LayerRows::draw_labels(Drawing& drawing, double top) const {
  const auto is_marked = [&](size_t index) { return std::ranges::find(marks_, layers_[index], &LayerMark::layer) != marks_.end(); };
  std::vector<size_t> order(layers_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_partition(order.begin(), order.end(), is_marked);
  std::vector<double> taken;
  for (const size_t index : order) {
    const Box box = row(index, 0, label_width_, top);
    const double middle = box.top + box.height / 2;
    if (std::ranges::any_of(taken, [&](double other) { return std::fabs(other - middle) < label_size + 1; })) continue;
    taken.push_back(middle);
    const std::string title = shorten(title_of(log_.layers[layers_[index]]), label_size, widest_name_);
    drawing.text({mark_width_, middle + 4}, title, {.size = label_size});
    double x = mark_size / 2;
    for (const LayerMark& mark : marks_) {
      if (mark.layer != layers_[index]) continue;
      drawing.circle({x, middle}, mark_size / 2 - 1, mark.colour);
      drawing.text({x, middle + 3.5}, mark.label, {.size = 10, .colour = palette::paper, .anchor = Anchor::middle, .bold = true});
      x += mark_size;
    }
  }
}

}  // namespace rectify::report
