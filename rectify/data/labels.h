// Labels as they stand in a file: texts or numbers, each different one kept once. They become targets when it is known whether they are classes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/preprocessing.h"
#include "rectify/tensor/tensor.h"

namespace rectify::data {

class Labels {
 public:
  void add_text(std::string_view text);
  void add_number(double value);

  int64_t size() const { return static_cast<int64_t>(ids_.size()); }
  /// Every label is a number.
  bool numeric() const { return numeric_; }
  /// Every label is a whole number.
  bool whole() const;
  /// Every label is a finite number, the first row where that is not so otherwise.
  std::optional<int64_t> first_not_finite() const;
  /// The label of a row as text: as it was written, or the shortest number.
  const std::string& text(int64_t row) const { return distinct_[static_cast<size_t>(ids_[static_cast<size_t>(row)])].text; }
  double value(int64_t row) const { return distinct_[static_cast<size_t>(ids_[static_cast<size_t>(row)])].value; }

  /// The different labels in order: by value if all are numbers (1 and 1.0 are the same one), else by their bytes.
  std::vector<std::string> class_names() const;

  /// The class of every row. -1 for one that is not in `class_names`. Numbers match by value where all class names are numbers;
  /// if `as_indices`, a whole number k stands for class k where the class names are not numbers (arrays have no other way to name a class).
  std::vector<int64_t> classes(const std::vector<std::string>& class_names, bool as_indices) const;

 private:
  struct Distinct {
    std::string text;
    double value;  // NaN if the text is not a number
  };
  std::vector<int32_t> ids_;
  std::vector<Distinct> distinct_;
  std::map<std::string, int32_t, std::less<>> by_text_;
  std::map<uint64_t, int32_t> by_bits_;
  bool numeric_ = true;
};

/// Labels from an array of shape (n) or (n, 1) of any dtype. Throws ArgumentError naming `name` for other shapes.
Labels labels_of(const Tensor& array, std::string_view name);

}  // namespace rectify::data
