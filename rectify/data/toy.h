// Small two-dimensional data sets on which one can see what a network does. Points are a function of (kind, options) alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rectify/tensor/tensor.h"

namespace rectify::data {

/// Every point gets independent N(0, noise^2) on both coordinates; u is uniform on [0, 1) per point. Row i belongs to group i mod groups.
/// xor:     four groups at (1, 1), (-1, -1) of class 0 and (1, -1), (-1, 1) of class 1.
/// moons:   (cos pi u, sin pi u) of class 0 and (1 - cos pi u, 1/2 - sin pi u) of class 1.
/// circles: radius 1 of class 0 and radius 1/2 of class 1, at angle 2 pi u.
/// spirals: arm k of K at radius 0.3 + 2.7 u and angle 2 pi (k / K + 1.25 u).
/// blobs:   class k of K at 2 (cos 2 pi k / K, sin 2 pi k / K).
enum class Toy : uint8_t { xor_problem, moons, circles, spirals, blobs };

std::string_view name(Toy kind);  ///< "xor", "moons", ...
std::optional<Toy> toy_named(std::string_view name);

struct ToyOptions {
  int64_t n = 1000;
  std::optional<double> noise = std::nullopt;  ///< see default_noise
  uint64_t seed = 0;
  std::optional<int64_t> classes = std::nullopt;  ///< spirals and blobs only; default 2 and 3
};

/// 0.2 for xor, 0.5 for blobs, 0.1 for the others.
double default_noise(Toy kind);
/// 3 for blobs, 2 for the others.
int64_t default_classes(Toy kind);
bool has_classes(Toy kind);

struct ToyPoints {
  Tensor points;       ///< float64 (n, 2)
  Tensor classes;      ///< int64 (n)
  int64_t groups = 0;  ///< 4 for xor, the classes otherwise
};

/// Throws ArgumentError for n outside [groups, 10^7], a negative noise, fewer than 2 or more than 100 classes, and classes given where they are fixed.
ToyPoints make_toy(Toy kind, const ToyOptions& options = {});

}  // namespace rectify::data
