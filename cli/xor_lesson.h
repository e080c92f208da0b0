// The XOR lesson (Minsky and Papert 1969): what no linear boundary can do, and what one hidden layer with ReLU does.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rectify::cli {

struct XorPanel {
  std::string title, network;
  double accuracy = 0;  ///< on points that were not trained on
  std::string svg;
  /// If the network is one affine map (nn::collapse): the largest difference between its outputs and the map's on the test points.
  std::optional<double> collapse_difference;
};

/// Trains three networks on XOR on the spot: no hidden layer, a linear hidden layer, a hidden layer with ReLU. Some 0.1 s each.
std::vector<XorPanel> xor_lesson();

/// The panels side by side as one SVG document.
std::string xor_picture(const std::vector<XorPanel>& panels);

}  // namespace rectify::cli
