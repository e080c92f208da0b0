#include "rectify/report/palette.h"

#include <cmath>

namespace rectify::report {

std::string to_string(Colour colour) {
  std::string text = "#";
  for (const uint8_t part : {colour.red, colour.green, colour.blue}) {
    text += "0123456789abcdef"[part >> 4];
    text += "0123456789abcdef"[part & 15];
  }
  return text;
}

Colour mix(Colour from, Colour to, double share) {
  if (!(share > 0)) return from;
  if (share >= 1) return to;
  const auto part = [&](uint8_t a, uint8_t b) { return static_cast<uint8_t>(std::lround(a + share * (b - a))); };
  return {part(from.red, to.red), part(from.green, to.green), part(from.blue, to.blue)};
}

Colour shade_of(Colour colour, double share) {
  const Colour lightest = mix(palette::paper, colour, 0.06);
  return share < 0.6 ? mix(lightest, colour, share / 0.6) : mix(colour, mix(colour, palette::ink, 0.75), (share - 0.6) / 0.4);
}

}  // namespace rectify::report
