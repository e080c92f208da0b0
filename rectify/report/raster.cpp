#include "rectify/report/raster.h"

#include <zlib.h>

#include "rectify/base/error.h"

namespace rectify::report {
namespace {

std::string big_endian(uint32_t number) {
  return {static_cast<char>(number >> 24 & 255), static_cast<char>(number >> 16 & 255), static_cast<char>(number >> 8 & 255), static_cast<char>(number & 255)};
}

std::string chunk(const std::string& type, const std::string& content) {
  const std::string checked = type + content;
  const uLong check = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<uint32_t>(content.size())) + checked + big_endian(static_cast<uint32_t>(check));
}

std::string compressed(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string result(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uLong>(bytes.size()), 9) != Z_OK) {
    throw Error("[png] compression failed: not enough memory.");
  }
  result.resize(size);
  return result;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j) text += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

}  // namespace

std::string png(const Raster& raster) {
  if (raster.width < 1 || raster.height < 1 || raster.pixels.size() != static_cast<size_t>(raster.width) * static_cast<size_t>(raster.height)) {
    throw ArgumentError("[png] " + std::to_string(raster.pixels.size()) + " pixels do not make a picture of " + std::to_string(raster.width) + " x " +
                        std::to_string(raster.height) + ".");
  }
  std::string rows;
  auto pixel = raster.pixels.begin();
  for (int y = 0; y < raster.height; ++y) {
    rows += '\0';  // no filter
    for (int x = 0; x < raster.width; ++x, ++pixel) {
      rows += {static_cast<char>(pixel->red), static_cast<char>(pixel->green), static_cast<char>(pixel->blue)};
    }
  }
  const std::string header = big_endian(static_cast<uint32_t>(raster.width)) + big_endian(static_cast<uint32_t>(raster.height)) + std::string("\x08\x02\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", compressed(rows)) + chunk("IEND", "");
}

std::string png_data_uri(const Raster& raster) { return "data:image/png;base64," + base64(png(raster)); }

}  // namespace rectify::report
