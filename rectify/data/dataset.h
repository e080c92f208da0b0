// What a network learns from: parts of inputs and targets, and how they were made from a file's numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/data/preprocessing.h"
#include "rectify/tensor/tensor.h"

namespace rectify::data {

/// Samples that belong together. `input` is float32 of shape (n, features), images row by row: Preprocessing::sample_shape says how to unfold them.
/// `target` is int64 class indices of shape (n) for classification, float32 of shape (n, 1) for regression, and undefined where the labels are not known.
struct Part {
  Tensor input;
  Tensor target;

  /// Number of samples.
  int64_t size() const { return input.defined() ? input.size(0) : 0; }
};

/// Data split into parts, scaled by `preprocessing`, which was fitted on `train` alone.
struct Dataset {
  std::string specification;  ///< the full text with all defaults filled in: loads the same data again
  Part train;
  Part test;                       ///< may have no samples (test=0)
  std::optional<Part> validation;  ///< only if asked for
  Preprocessing preprocessing;

  Task task() const { return preprocessing.task; }
  /// Shape of one sample: (28, 28) for images, (2) for a table with two features.
  const Shape& sample_shape() const { return preprocessing.sample_shape; }
  /// Number of network inputs, the product of the sample's sizes.
  int64_t input_count() const { return preprocessing.sample_shape.count(); }
  /// Number of network outputs: the classes, or 1 for regression.
  int64_t output_count() const { return task() == Task::classification ? static_cast<int64_t>(preprocessing.class_names.size()) : 1; }
  const std::vector<std::string>& class_names() const { return preprocessing.class_names; }
  const std::vector<std::string>& feature_names() const { return preprocessing.feature_names; }
};

}  // namespace rectify::data
