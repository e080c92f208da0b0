// The colours of every picture: few, told apart with every kind of colour vision and in grey print, on white.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace rectify::report {

struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

namespace palette {

inline constexpr Colour paper{255, 255, 255}, ink{31, 41, 51}, muted{91, 104, 119}, axis{154, 165, 177}, grid{229, 233, 238};
inline constexpr Colour blue{0, 96, 168}, vermilion{208, 82, 12}, green{0, 138, 104}, purple{170, 70, 145}, amber{184, 129, 0}, sky{66, 158, 214},
    grey{90, 90, 90}, maroon{122, 28, 60};

/// Lines, classes: Okabe and Ito's set (2008), a little darker so that thin lines and coloured text stand on white. Repeats after 8.
inline constexpr std::array<Colour, 8> series{blue, vermilion, green, purple, amber, sky, grey, maroon};
constexpr Colour of_series(size_t index) { return series[index % series.size()]; }

}  // namespace palette

/// "#0060a8".
std::string to_string(Colour colour);

/// `from` at 0, `to` at 1, a straight line between; `share` is clamped, NaN counts as 0.
Colour mix(Colour from, Colour to, double share);

/// A scale of lightness in one hue for a share in [0, 1]: nearly white, then the colour, then its shade.
Colour shade_of(Colour colour, double share);

}  // namespace rectify::report
