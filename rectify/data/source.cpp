#include "rectify/data/source.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/data/idx.h"
#include "rectify/data/npy.h"
#include "rectify/data/text.h"
#include "rectify/kernel/reduce.h"

namespace rectify::data {
namespace {

void require_samples(const Source& source, const char* function) {
  if (source.input.rank() < 2) {
    throw ArgumentError("[" + std::string(function) + "] " + source.name + " has shape " + to_string(source.input.shape()) + "; expected samples (n, features...).");
  }
  if (source.input.size() == 0) throw ArgumentError("[" + std::string(function) + "] " + source.name + " has shape " + to_string(source.input.shape()) + ": no data.");
}

void require_as_many_labels(const Source& source, const std::filesystem::path& labels, const char* function) {
  if (source.labels.size() == source.size()) return;
  throw ArgumentError("[" + std::string(function) + "] " + source.name + " has " + std::to_string(source.size()) + " samples, but " + labels.string() + " has " +
                      std::to_string(source.labels.size()) + " labels. Do the files belong together?");
}

// The element of a float array that is no number, if there is one.
std::optional<int64_t> first_not_finite(const Tensor& array) {
  const auto search = [](const auto& values) -> std::optional<int64_t> {
    if (kernel::all_finite(values.data(), static_cast<int64_t>(values.size()))) return std::nullopt;
    return std::find_if(values.begin(), values.end(), [](auto value) { return !std::isfinite(value); }) - values.begin();
  };
  if (array.dtype() == DType::float32) return search(array.values<float>());
  if (array.dtype() == DType::float64) return search(array.values<double>());
  return std::nullopt;
}

template <class T>
void copy_columns(const Tensor& from, int64_t begin, int64_t end, Tensor& to) {
  const int64_t rows = from.size(0), columns = from.size(1);
  const T* source = from.data<T>();
  T* out = to.data<T>();
  for (int64_t row = 0; row < rows; ++row) out = std::copy(source + row * columns + begin, source + row * columns + end, out);
}

Tensor columns_of(const Tensor& array, int64_t begin, int64_t end) {
  Tensor out = Tensor::empty(Shape{array.size(0), end - begin}, array.dtype());
  switch (array.dtype()) {
    case DType::float32: copy_columns<float>(array, begin, end, out); break;
    case DType::float64: copy_columns<double>(array, begin, end, out); break;
    case DType::int64: copy_columns<int64_t>(array, begin, end, out); break;
    case DType::uint8: copy_columns<uint8_t>(array, begin, end, out); break;
    case DType::float16: copy_columns<Float16>(array, begin, end, out); break;
    case DType::bfloat16: copy_columns<BFloat16>(array, begin, end, out); break;
  }
  return out;
}

Tensor targets(const Preprocessing& p, const Source& source, std::span<const int64_t> rows) {
  const int64_t count = static_cast<int64_t>(rows.size());
  if (p.task == Task::regression) {
    Tensor out = Tensor::empty(Shape{count, 1});
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = rows[static_cast<size_t>(i)];
      const float value = static_cast<float>(source.labels.value(row));
      if (!std::isfinite(value)) {
        throw ArgumentError("[data] " + source.place(row) + ": the label " + in_quotes(source.labels.text(row)) +
                            " is not a finite number; regression needs numbers. For classes, use a classification loss such as cross_entropy.");
      }
      out.data<float>()[i] = value;
    }
    return out;
  }
  const std::vector<int64_t> classes = source.labels.classes(p.class_names, source.labels_from_array);
  Tensor out = Tensor::empty(Shape{count}, DType::int64);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t row = rows[static_cast<size_t>(i)], k = classes[static_cast<size_t>(row)];
    if (k < 0) {
      throw ArgumentError("[data] " + source.place(row) + ": the label " + in_quotes(source.labels.text(row)) + " is none of the classes " + listed(p.class_names) + ".");
    }
    out.data<int64_t>()[i] = k;
  }
  return out;
}

}  // namespace

std::string Source::place(int64_t row) const {
  return lines.empty() ? name + ", row " + std::to_string(row + 1) : name + ", line " + std::to_string(lines[static_cast<size_t>(row)]);
}

Source source_of(Table table) {
  Source source;
  source.name = std::move(table.name);
  source.input = std::move(table.values);
  source.labels = std::move(table.labels);
  source.label_name = std::move(table.label_name);
  source.label_index = table.label_index;
  source.feature_names = std::move(table.feature_names);
  source.lines = std::move(table.lines);
  return source;
}

Source source_of(Toy kind, const ToyOptions& options) {
  ToyPoints toy = make_toy(kind, options);
  Source source;
  source.name = name(kind);
  source.input = std::move(toy.points);
  source.labels = labels_of(toy.classes, source.name);
  source.feature_names = {"x", "y"};
  source.labels_from_array = true;
  return source;
}

Source idx_source(const std::filesystem::path& images, const std::filesystem::path& labels) {
  Source source;
  source.name = images.string();
  source.labels_from_array = true;
  source.input = read_idx(images);
  require_samples(source, "idx");
  require_finite(source);
  if (!labels.empty()) {
    source.labels = labels_of(read_idx(labels), "[idx] " + labels.string());
    require_as_many_labels(source, labels, "idx");
  }
  return source;
}

/// Training calculates, which float16 is not for.
Tensor read_calculable_npy(const std::filesystem::path& path) {
  const Tensor array = read_npy(path);
  return array.dtype() == DType::float16 ? array.to(DType::float32) : array;
}

Source npy_source(const std::filesystem::path& path, const std::filesystem::path& labels, std::optional<int64_t> features) {
  Source source;
  source.name = path.string();
  source.labels_from_array = true;
  source.input = read_calculable_npy(path);
  require_samples(source, "npy");
  require_finite(source);
  if (!labels.empty()) {
    source.labels = labels_of(read_calculable_npy(labels), "[npy] " + labels.string());
    require_as_many_labels(source, labels, "npy");
    return source;
  }
  const int64_t per_sample = source.input.size() / source.size();
  if (features && per_sample == *features) return source;
  if (source.input.rank() != 2 || source.input.size(1) < 2) {
    throw ArgumentError("[npy] " + source.name + " has shape " + to_string(source.input.shape()) +
                        "; without labels= it needs two axes and at least two columns, the last being the label.");
  }
  const int64_t columns = source.input.size(1);
  source.labels = labels_of(columns_of(source.input, columns - 1, columns), source.name);
  source.label_index = columns - 1;
  source.input = columns_of(source.input, 0, columns - 1);
  return source;
}

void require_finite(const Source& source) {
  const auto found = first_not_finite(source.input);
  if (!found) return;
  const int64_t per_sample = source.input.size() / source.size(), column = *found % per_sample;
  throw ArgumentError("[data] " + source.place(*found / per_sample) + ", column " +
                      (source.feature_names.empty() ? std::to_string(column + 1) : source.feature_names[static_cast<size_t>(column)]) + ": " +
                      std::to_string(source.input.at(*found)) + " is not a finite number. Fill it in or remove the row.");
}

Part make_part(const Preprocessing& p, const Source& source, std::span<const int64_t> rows) {
  Tensor input = source.input;
  if (input.size() / std::max<int64_t>(input.size(0), 1) != p.sample_shape.count()) {
    throw ArgumentError("[data] " + source.name + " has samples of shape " + to_string(Shape(input.shape().sizes().subspan(1))) + ", but the network was made for " +
                        to_string(p.sample_shape) + ".");
  }
  std::vector<int64_t> sizes{input.size(0)};  // flat images for a network that was trained on square ones, and the other way round
  for (const int64_t size : p.sample_shape.sizes()) sizes.push_back(size);
  input = input.view(Shape(std::span<const int64_t>(sizes)));

  Part part;
  try {
    part.input = scale_rows(p, input, rows);
  } catch (const ArgumentError& error) {
    const std::string_view message = error.what();  // "[scale_rows] row 5, ..."
    throw ArgumentError("[data] " + source.name + ", " + std::string(message.substr(message.find(' ') + 1)));
  }
  if (source.labels.size() > 0) part.target = targets(p, source, rows);
  return part;
}

Part make_part(const Preprocessing& p, const Source& source) {
  std::vector<int64_t> rows(static_cast<size_t>(source.size()));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return make_part(p, source, rows);
}

}  // namespace rectify::data
