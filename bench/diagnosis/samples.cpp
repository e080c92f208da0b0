#include "bench/diagnosis/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "rectify/activation/elementary.h"
#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/data/npy.h"
#include "rectify/data/toy.h"

namespace bench::diagnosis {
namespace {

namespace fs = std::filesystem;
using namespace rectify;

constexpr int64_t count = 640, edge = 10;
constexpr std::array<const char*, 12> names{"moons", "circles", "spirals", "three_spirals", "xor", "five_blobs", "table", "other_table", "curve", "other_curve", "images", "other_images"};

/// Rows of numbers with a label each.
struct Rows {
  int64_t features = 0;
  std::vector<double> inputs = {}, labels = {};
  bool images = false, classes = true;
};

Rows toy_rows(data::Toy kind, const data::ToyOptions& options) {
  const data::ToyPoints toy = data::make_toy(kind, options);
  Rows rows{.features = 2};
  for (const double x : toy.points.values<double>()) rows.inputs.push_back(x);
  for (const int64_t k : toy.classes.values<int64_t>()) rows.labels.push_back(static_cast<double>(k));
  return rows;
}

/// The ordinals of a set's random sequences: what is drawn for.
enum Drawn : uint64_t { inputs = 100, first_weights = 101, second_weights = 102, places = 103 };

Rows normal_rows(int64_t features, uint64_t seed) {
  Rows rows{.features = features};
  const RandomKey key{seed, Purpose::test, Drawn::inputs};
  for (int64_t i = 0; i < count * features; ++i) rows.inputs.push_back(elementary::random_normal(key, static_cast<uint64_t>(i)));
  return rows;
}

Rows table_rows(uint64_t seed) {
  constexpr int64_t features = 16, hidden = 8, classes = 4;
  Rows rows = normal_rows(features, seed);
  const RandomKey first{seed, Purpose::test, Drawn::first_weights}, second{seed, Purpose::test, Drawn::second_weights};
  for (int64_t row = 0; row < count; ++row) {
    std::array<double, classes> outputs{};
    for (int64_t h = 0; h < hidden; ++h) {
      double z = 0;
      for (int64_t i = 0; i < features; ++i) z += rows.inputs[static_cast<size_t>(row * features + i)] * elementary::random_normal(first, static_cast<uint64_t>(h * features + i)) / 2;
      for (int64_t k = 0; k < classes; ++k) outputs[static_cast<size_t>(k)] += elementary::tanh(z) * elementary::random_normal(second, static_cast<uint64_t>(k * hidden + h));
    }
    rows.labels.push_back(static_cast<double>(std::ranges::max_element(outputs) - outputs.begin()));
  }
  return rows;
}

Rows curve_rows(uint64_t seed) {
  Rows rows = normal_rows(4, seed);
  rows.classes = false;
  for (int64_t row = 0; row < count; ++row) {
    const double* x = &rows.inputs[static_cast<size_t>(4 * row)];
    rows.labels.push_back(elementary::sin(2 * x[0]) + x[1] * x[2] + std::abs(x[3]) - std::sqrt(2 / std::numbers::pi));
  }
  return rows;
}

Rows image_rows(uint64_t seed) {
  Rows rows{.features = edge * edge, .images = true};
  const RandomKey noise{seed, Purpose::test, Drawn::inputs}, place{seed, Purpose::test, Drawn::places};
  for (int64_t row = 0; row < count; ++row) {
    const int64_t angle = row % 4;
    const double turn = static_cast<double>(angle) / 8, across = 2 * std::numbers::pi * turn;
    const double shift = 4 * random_uniform(place, static_cast<uint64_t>(row)) - 2;
    for (int64_t pixel = 0; pixel < edge * edge; ++pixel) {
      const double x = static_cast<double>(pixel % edge) - (edge - 1) / 2.0, y = static_cast<double>(pixel / edge) - (edge - 1) / 2.0;
      const double distance = x * elementary::cos(across) + y * elementary::sin(across) - shift;
      rows.inputs.push_back((std::abs(distance) < 1 ? 1.0 : 0.0) + 0.5 * elementary::random_normal(noise, static_cast<uint64_t>(row * edge * edge + pixel)));
    }
    rows.labels.push_back(static_cast<double>(angle));
  }
  return rows;
}

Rows rows_of(Set set) {
  switch (set) {
    case Set::moons: return toy_rows(data::Toy::moons, {.n = count, .noise = 0.15});
    case Set::circles: return toy_rows(data::Toy::circles, {.n = count, .noise = 0.1});
    case Set::spirals: return toy_rows(data::Toy::spirals, {.n = count, .noise = 0.1});
    case Set::three_spirals: return toy_rows(data::Toy::spirals, {.n = count, .noise = 0.1, .classes = 3});
    case Set::xor_problem: return toy_rows(data::Toy::xor_problem, {.n = count, .noise = 0.3});
    case Set::five_blobs: return toy_rows(data::Toy::blobs, {.n = count, .noise = 0.4, .classes = 5});
    case Set::table: return table_rows(1);
    case Set::other_table: return table_rows(2);
    case Set::curve: return curve_rows(3);
    case Set::other_curve: return curve_rows(4);
    case Set::images: return image_rows(5);
    case Set::other_images: break;
  }
  return image_rows(6);
}

void keep_few_of_class_0(Rows& rows) {
  Rows kept{.features = rows.features, .images = rows.images};
  int64_t seen = 0;
  for (size_t row = 0; row < rows.labels.size(); ++row) {
    if (rows.labels[row] == 0 && seen++ % 10 != 0) continue;
    const auto begin = rows.inputs.begin() + static_cast<int64_t>(row) * rows.features;
    kept.inputs.insert(kept.inputs.end(), begin, begin + rows.features);
    kept.labels.push_back(rows.labels[row]);
  }
  rows = std::move(kept);
}

void disturb(Rows& rows, const Samples& samples) {
  for (size_t i = 0; i < rows.inputs.size(); ++i) {
    const int64_t feature = static_cast<int64_t>(i) % rows.features;
    const bool first = rows.images ? feature % edge < edge / 2 : feature == 0;
    rows.inputs[i] = (rows.inputs[i] + samples.offset) * samples.factor * (first ? samples.first : 1);
  }
}

}  // namespace

std::string data_text(const Samples& samples, const fs::path& folder, bool scaled) {
  const std::string name = fmt::format("{}_times_{}_plus_{}_first_{}{}", names[static_cast<size_t>(samples.set)], samples.factor, samples.offset, samples.first, samples.rare ? "_rare" : "");
  const fs::path inputs = folder / (name + ".npy"), labels = folder / (name + "_labels.npy");
  // The labels are written last: if they are there, so are the inputs.
  if (!fs::exists(labels)) {
    Rows rows = rows_of(samples.set);
    if (samples.rare && !rows.classes) throw ArgumentError("[data_text] numbers have no rare class. Take a set for classification.");
    if (samples.rare) keep_few_of_class_0(rows);
    disturb(rows, samples);
    const auto n = static_cast<int64_t>(rows.labels.size());
    data::write_npy(inputs, Tensor::from(rows.inputs, rows.images ? Shape{n, edge, edge} : Shape{n, rows.features}));
    const Tensor numbers = Tensor::from(rows.labels, Shape{n});
    if (rows.classes) {
      data::write_npy(labels, Tensor::from(std::vector<int64_t>(rows.labels.begin(), rows.labels.end()), Shape{n}));
    } else {
      data::write_npy(labels, numbers);
    }
  }
  return fmt::format("npy({}, labels={}, test=0.2, scale={})", inputs.string(), labels.string(), scaled ? "standard" : "none");
}

}  // namespace bench::diagnosis
