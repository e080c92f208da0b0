// The documentation card of an activation: docs/activations/<name>.md with its picture beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/output.h"
#include "rectify/activation/catalogue.h"

namespace rectify::cli {

/// What was measured elsewhere, read from files; what is missing is measured when the card is made (speed) or left out (accuracy).
struct Measurements {
  /// The document of `rectify verify --json`: results[] with activation, derivative, dtype, inputs, count, misrounded, largest_error_ulp.
  Json accuracy;
  /// The document that bench/kernels writes: settings, cases[] with activation, direction, elements and libraries.rectify.
  Json speed;

  /// Throws FileError for a file that cannot be read and ArgumentError for one that is not such a document.
  static Measurements read(const std::optional<std::string>& accuracy_file, const std::optional<std::string>& speed_file);
};

/// Writes the card to `file` (which ends in .md) and its picture beside it, as .svg.
void write_card(const activation::Function& function, const std::filesystem::path& file, const Measurements& measurements);

/// A card for every activation at its defaults, and an index, README.md. Returns the number of cards.
size_t write_cards(const std::filesystem::path& folder, const Measurements& measurements);

}  // namespace rectify::cli
