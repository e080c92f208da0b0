// Data by name: every text that may stand behind `--data`.
//
//   fashion-mnist(path=/usr/share/datasets/fashion-mnist, validation=0, scale=unit, seed=0)
//   idx(images, labels, test_images=, test_labels=, test=0.25, validation=0, scale=unit, seed=0)     test= only without test_images
//   csv(path, label=, header=, test=0.25, validation=0, scale=standard, seed=0, task=)
//   npy(path, labels=, test=0.25, validation=0, scale=standard, seed=0, task=)                        scale=unit for bytes with more than two axes
//   xor, moons, circles, spirals, blobs (n=1000, noise=, seed=0, classes=, test=0.25, validation=0, scale=none)
//   flowers.csv, "x y.npy"                                                                             short for csv(path), npy(path)
//
// `test` is the share of the samples that becomes the test part, `validation` the share of the rest that becomes the validation part, both chosen by `seed`.
// Toy sets are tested on their last points, a whole number of rounds over the groups. Relative paths are kept as given.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "rectify/base/specification.h"
#include "rectify/data/dataset.h"

namespace rectify::data {

struct LoadOptions {
  /// What the labels of csv and npy are, where the specification does not say it (task=): a loss such as mse wants numbers.
  /// By default numbers of which some are not whole are a regression, and everything else is classes.
  std::optional<Task> task = std::nullopt;
};

/// The data of a specification. Throws ArgumentError for unknown names (suggesting the nearest) and arguments and for bad content of files,
/// FileError for files that cannot be read.
Dataset load(const Specification& specification, const LoadOptions& options = {});
/// The same from text.
Dataset load(std::string_view specification, const LoadOptions& options = {});

/// New data for a network that was trained with `preprocessing`: fashion-mnist (its test part), idx(images, labels=), csv(path, label=, header=),
/// npy(path, labels=), a toy set, or a path. CSV columns are matched by name where the file has a header: missing and unknown ones are errors.
/// Labels may be absent, unless `labels_required`; a label that is none of the classes is an error.
Part load_new(const Preprocessing& preprocessing, const Specification& source, bool labels_required = false);
Part load_new(const Preprocessing& preprocessing, std::string_view source, bool labels_required = false);

/// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747): 60000 + 10000 images of 28 x 28 bytes, scaled to [0, 1].
/// Throws FileError naming the Debian package if the folder does not have the files.
Dataset fashion_mnist(const std::filesystem::path& folder = "/usr/share/datasets/fashion-mnist");

/// The names that load() knows.
const std::vector<std::string>& dataset_names();

}  // namespace rectify::data
