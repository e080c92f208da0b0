// A network's text, changed in places: faults and fixes are such changes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "rectify/base/specification.h"

namespace bench::diagnosis {

/// The text of one item with an argument set, in place of the one with that name: `sgd(lr=0.1)` with lr as 0.2.
std::string with_argument(const std::string& item, const std::string& argument, const std::string& value);
/// An optimiser's text with its learning rate, the argument lr, multiplied.
std::string with_learning_rate_times(const std::string& optimiser, double factor);

class NetworkText {
 public:
  /// Throws ArgumentError if it does not parse.
  explicit NetworkText(const std::string& text);
  std::string text() const;

  /// Layers with weights: linear and convolutions, in their order, the last of them the output's.
  size_t weighted_layers() const;
  /// Gives one of them an argument, in place of the one with that name: set(0, "bias", "-3").
  void set(size_t weighted_layer, const std::string& argument, const std::string& value);
  void remove(size_t weighted_layer, const std::string& argument);
  /// The number of units (channels) of one of them.
  int64_t units(size_t weighted_layer) const;
  void set_units(size_t weighted_layer, int64_t units);

  /// The activations between layers; one that follows the output's layer is not among them.
  std::vector<std::string> hidden_activations() const;
  void replace_hidden_activations(const std::string& activation);
  /// Puts a layer before or after each hidden activation.
  void insert_before_hidden_activations(const std::string& layer);
  void insert_after_hidden_activations(const std::string& layer);
  void insert_before_output(const std::string& layer);
  /// Repeats the last hidden linear layer with its activation until there are that many hidden ones; fewer there are not.
  void deepen(size_t hidden_layers);
  /// What comes after the output's layer.
  std::vector<std::string> output_activations() const;
  void append(const std::string& layer);
  void remove_output_activations();

 private:
  size_t place_of(size_t weighted_layer) const;
  bool is_hidden_activation(size_t place) const;
  void change_hidden_activations(const std::function<std::vector<std::string>(const std::string& activation)>& replacement);
  std::vector<rectify::Specification> layers_;
};

}  // namespace bench::diagnosis
