#include "rectify/data/toy.h"

#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "rectify/activation/elementary.h"
#include "rectify/base/error.h"

namespace rectify::data {
namespace {

constexpr std::array<std::string_view, 5> names{"xor", "moons", "circles", "spirals", "blobs"};

struct Point {
  double x, y;
};

Point on_circle(double turns, double radius) {
  const double angle = 2 * std::numbers::pi * turns;
  return {radius * elementary::cos(angle), radius * elementary::sin(angle)};
}

Point place(Toy kind, int64_t group, int64_t groups, double u) {
  const double share = static_cast<double>(group) / static_cast<double>(groups);
  switch (kind) {
    case Toy::xor_problem: return {group == 0 || group == 2 ? 1.0 : -1.0, group == 0 || group == 3 ? 1.0 : -1.0};
    case Toy::moons: {
      const Point p = on_circle(u / 2, 1.0);
      return group == 0 ? p : Point{1.0 - p.x, 0.5 - p.y};
    }
    case Toy::circles: return on_circle(u, group == 0 ? 1.0 : 0.5);
    case Toy::spirals: return on_circle(share + 1.25 * u, 0.3 + 2.7 * u);
    case Toy::blobs: break;
  }
  return on_circle(share, 2.0);
}

}  // namespace

std::string_view name(Toy kind) { return names[static_cast<size_t>(kind)]; }

std::optional<Toy> toy_named(std::string_view text) {
  for (size_t k = 0; k < names.size(); ++k) {
    if (names[k] == text) return static_cast<Toy>(k);
  }
  return std::nullopt;
}

double default_noise(Toy kind) { return kind == Toy::xor_problem ? 0.2 : kind == Toy::blobs ? 0.5 : 0.1; }

int64_t default_classes(Toy kind) { return kind == Toy::blobs ? 3 : 2; }

bool has_classes(Toy kind) { return kind == Toy::spirals || kind == Toy::blobs; }

ToyPoints make_toy(Toy kind, const ToyOptions& options) {
  const std::string function = "[" + std::string(name(kind)) + "] ";
  if (options.classes && !has_classes(kind)) throw ArgumentError(function + "the number of classes is fixed at 2.");
  const int64_t classes = options.classes.value_or(default_classes(kind));
  if (classes < 2 || classes > 100) throw ArgumentError(function + "classes is " + std::to_string(classes) + "; expected 2 to 100.");
  const double noise = options.noise.value_or(default_noise(kind));
  if (!(noise >= 0) || !std::isfinite(noise)) throw ArgumentError(function + "noise is " + std::to_string(noise) + "; expected a standard deviation of at least 0.");
  const int64_t groups = kind == Toy::xor_problem ? 4 : classes, n = options.n;
  if (n < groups || n > 10'000'000) {
    throw ArgumentError(function + "n is " + std::to_string(n) + "; expected " + std::to_string(groups) + " to 10000000 points.");
  }

  ToyPoints toy{Tensor::empty(Shape{n, 2}, DType::float64), Tensor::empty(Shape{n}, DType::int64), groups};
  double* points = toy.points.data<double>();
  int64_t* labels = toy.classes.data<int64_t>();
  // Two sequences per kind: the place along the shape, and the noise.
  const uint64_t ordinal = 2 * static_cast<uint64_t>(kind);
  const RandomKey along{options.seed, Purpose::toy_data, ordinal}, around{options.seed, Purpose::toy_data, ordinal + 1};
  for (int64_t i = 0; i < n; ++i) {
    const int64_t group = i % groups;
    const uint64_t index = static_cast<uint64_t>(i);
    const Point p = place(kind, group, groups, random_uniform(along, index));
    points[2 * i] = p.x + noise * elementary::random_normal(around, 2 * index);
    points[2 * i + 1] = p.y + noise * elementary::random_normal(around, 2 * index + 1);
    labels[i] = kind == Toy::xor_problem ? group / 2 : group;
  }
  return toy;
}

}  // namespace rectify::data
