// Activations that users write as text: `x*sigmoid(beta*x)`. Parsed, simplified, differentiated and compiled; see rectify/kernel/formula.h for how they run.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/program.h"

namespace rectify::activation {

/// A derivative of a formula, ready to run.
struct CompiledFormula {
  Exact exact;
  Program narrow, wide;  ///< for float32 and for float64 inputs
  std::string text;      ///< as it was simplified
};

/// The text of an activation with its parameters: immutable, shared by the Functions that are made of it.
class Formula {
 public:
  /// Reads a formula in x and the named parameters, at most max_parameters of them. The failure shows the text with a caret under the place.
  static Result<std::shared_ptr<const Formula>> parse(std::string_view text, std::span<const std::pair<std::string, double>> parameters = {});

  const std::string& text() const { return text_; }
  /// Name "formula", the text, the parameters (all of them learned) with the values they were given first.
  const Spec& spec() const { return spec_; }
  /// The same text and the same names.
  bool same_as(const Formula& other) const { return text_ == other.text_ && names_ == other.names_; }
  /// The value or a derivative. Made when it is first asked for; safe to be called by several threads.
  const CompiledFormula& compiled(Derivative derivative) const;

 private:
  Formula() = default;

  std::string text_;
  std::vector<std::string> names_;
  Spec spec_;
  mutable std::mutex mutex_;
  mutable Terms terms_;
  Term root_ = -1;
  mutable std::map<std::array<int, 3>, CompiledFormula> compiled_;
};

/// The activation of a text: formula("x*sigmoid(beta*x)", {{"beta", 1.0}}). Throws ArgumentError.
Function formula(std::string_view text, std::span<const std::pair<std::string, double>> parameters = {});
inline Function formula(std::string_view text, std::initializer_list<std::pair<std::string, double>> parameters) {
  return formula(text, std::vector<std::pair<std::string, double>>(parameters));
}

}  // namespace rectify::activation
