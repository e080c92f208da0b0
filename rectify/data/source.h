// Samples as a file or a generator gives them: before they are split and scaled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/csv.h"
#include "rectify/data/dataset.h"
#include "rectify/data/labels.h"
#include "rectify/data/toy.h"

namespace rectify::data {

struct Source {
  std::string name;                        ///< of the file or set, for messages
  Tensor input;                            ///< any dtype, (n, features...)
  Labels labels;                           ///< empty if not known
  std::string label_name = "label";
  int64_t label_index = -1;
  std::vector<std::string> feature_names;  ///< empty for images and other arrays
  std::vector<int64_t> lines;              ///< of a text file
  bool labels_from_array = false;          ///< numbers may stand for the classes' places

  int64_t size() const { return input.defined() ? input.size(0) : 0; }
  /// "flowers.csv, line 12" or "x.npy, row 3".
  std::string place(int64_t row) const;
};

Source source_of(Table table);
Source source_of(Toy kind, const ToyOptions& options);

/// An IDX file of samples and one of labels (empty path: not known).
Source idx_source(const std::filesystem::path& images, const std::filesystem::path& labels);

/// An NPY file of samples (n, features...) and one of labels. Without the latter the array has rank 2 and its last column is the label,
/// unless it has as many columns as `features` says that samples have.
Source npy_source(const std::filesystem::path& path, const std::filesystem::path& labels, std::optional<int64_t> features = std::nullopt);

/// Throws ArgumentError naming the file, row and column of the first NaN or infinity.
void require_finite(const Source& source);

/// The given rows as network inputs and targets. Throws ArgumentError naming file and line or row for a label that is no class of `p`,
/// or no number for a regression, and for a number that scaling takes out of float32. Without labels the target is undefined.
Part make_part(const Preprocessing& p, const Source& source, std::span<const int64_t> rows);

/// All rows.
Part make_part(const Preprocessing& p, const Source& source);

}  // namespace rectify::data
