// The layers of a watched network as the rows of a picture, the input's at the top, with marks where there is something to say about one.
#pragma once

#include <string>
#include <vector>

#include "rectify/observe/watch_log.h"
#include "rectify/report/axis.h"

namespace rectify::report {

/// Something to be said about a layer: a disc with a short label before its name.
struct LayerMark {
  size_t layer = 0;        ///< place in WatchLog::layers
  std::string label;       ///< "1"
  Colour colour = palette::vermilion;
  int64_t since_step = 0;  ///< from where on the layer is framed in pictures over steps
};

/// What the layer did in the window; null if nothing was counted.
const observe::LayerWindow* counted(const observe::Window& window, size_t layer);

/// "before training", "step 7", "steps 17 to 32".
std::string when(const observe::Window& window);

/// "0: linear(64), relu"; cut in pictures, whole in tooltips.
std::string title_of(const observe::LayerIdentity& layer);

class LayerRows {
 public:
  /// Rows for the layers named, or for all if none is; those that the log does not have are left out. Names take at most a quarter of the picture's width.
  LayerRows(const observe::WatchLog& log, const std::vector<size_t>& layers, const std::vector<LayerMark>& marks, double width);

  const std::vector<size_t>& layers() const { return layers_; }
  const std::vector<LayerMark>& marks() const { return marks_; }
  /// Of all rows together. Many rows are lower than few.
  double height() const { return row_height_ * static_cast<double>(layers_.size()); }
  /// Space for the names, on the left of the rows.
  double label_width() const { return label_width_; }
  /// The row, with a gap to the next, when the first begins at `top`.
  Box row(size_t index, double left, double width, double top) const;
  /// Names and marks before the rows. Where rows are lower than text some names are left out, those of marked layers last.
  void draw_labels(Drawing& drawing, double top) const;

 private:
  const observe::WatchLog& log_;
  std::vector<size_t> layers_;
  std::vector<LayerMark> marks_;
  double row_height_ = 0, widest_name_ = 0, label_width_ = 0, mark_width_ = 0;
};

}  // namespace rectify::report
