// Small pictures made of pixels, embedded in SVG: a region of the plane, a heat strip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/report/palette.h"

namespace rectify::report {

/// An uncompressed picture, rows from the top.
struct Raster {
  int width = 0, height = 0;
  std::vector<Colour> pixels;
};

/// The picture as PNG (RFC 2083; 8 bits, RGB). Throws ArgumentError if the pixels do not fill width x height or there are none.
std::string png(const Raster& raster);

/// The PNG as "data:image/png;base64,...".
std::string png_data_uri(const Raster& raster);

}  // namespace rectify::report
