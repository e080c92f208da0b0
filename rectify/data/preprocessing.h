// How a file's numbers become a network's inputs and targets: fitted once on the training part, stored with the run, applied to all new data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/tensor/tensor.h"

namespace rectify::data {

enum class Task : uint8_t { classification, regression };

/// none: as they are. standard: mean 0 and (population) standard deviation 1 on the training part.
/// unit: the training part's range becomes [0, 1]; bytes, as in images, are divided by 255.
enum class Scale : uint8_t { none, standard, unit };

std::string_view name(Task task);
std::string_view name(Scale scale);

/// x becomes (x - offset) / divisor in float64, rounded once to float32.
struct Preprocessing {
  Task task = Task::classification;
  Scale scale = Scale::none;
  Shape sample_shape;  ///< of one sample before it was made flat: (28, 28) for images, (4) for a table of four features
  std::vector<std::string> feature_names;  ///< the columns of a table in their order; empty for images and other arrays without names
  std::vector<std::string> class_names;    ///< class k's name; empty for regression
  std::string label_name;                  ///< the label column of a table, "label" elsewhere
  int64_t label_index = -1;                ///< where that column stood among all columns of the file; -1 if the labels came separately
  std::vector<double> offset, divisor;     ///< one per feature, or a single pair for all

  friend bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

/// Offset and divisor of `scale` for the given rows of `raw` (any dtype, (n, features...)): per feature for rank 2, one pair for all features otherwise.
/// Sums are ordered and in float64; a feature that is constant on these rows is divided by 1. Fills p.scale, p.offset, p.divisor and p.sample_shape.
void fit_scaling(Preprocessing& p, Scale scale, const Tensor& raw, std::span<const int64_t> rows);

/// The given rows of `raw`, scaled: float32 of shape (rows, features), each sample flat. Throws ShapeError if the sample's shape is not p's, and ArgumentError for a result
/// that is not finite (a number beyond float32), naming row and feature.
Tensor scale_rows(const Preprocessing& p, const Tensor& raw, std::span<const int64_t> rows);

/// JSON text from which the same Preprocessing is restored, every double bit for bit.
std::string to_json(const Preprocessing& p);

/// Fails with a reason for text that is not such JSON, or is inconsistent (numbers of names, offsets and divisors, divisors of 0).
Result<Preprocessing> preprocessing_from_json(std::string_view json);

}  // namespace rectify::data
