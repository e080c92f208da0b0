// Activations as modules and as free functions, one of each per line of the catalogue: Mish{} and mish(x), LeakyReLU{0.2} and leaky_relu(x, 0.2).
#pragma once

#include <array>
#include <concepts>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/formula.h"
#include "rectify/autograd/operations.h"
#include "rectify/nn/module.h"

namespace rectify::nn {

/// An activation as a module. Parameters that the catalogue marks as learned (PReLU's slope) are tensors with one element, trained with the rest.
class Activation : public Module {
 public:
  explicit Activation(const activation::Function& function, DType dtype = DType::float32);
  Tensor forward(const Tensor& x) override;
  void visit(Visitor& visitor) override;
  std::string specification() const override;

  /// With the learned parameters' present values.
  activation::Function function() const;
  bool learned() const;
  /// Sets the learned parameters back to the values it was made with.
  void reset();

 private:
  activation::Function function_;
  std::array<Tensor, activation::max_parameters> parameters_;
};

}  // namespace rectify::nn

namespace rectify {

#define RECTIFY_ACTIVATION(family, name, Type)                                                            \
  /** The module; arguments are the parameters in the order of the catalogue, the rest at their defaults. */ \
  struct Type : nn::Activation {                                                                          \
    template <std::convertible_to<double>... Parameters>                                                  \
    explicit Type(Parameters... parameters)                                                               \
        : Activation(activation::make(activation::Id::name, std::array<double, sizeof...(parameters)>{static_cast<double>(parameters)...})) {} \
  };                                                                                                      \
  /** The function, elementwise. */                                                                       \
  template <std::convertible_to<double>... Parameters>                                                    \
  Tensor name(const Tensor& x, Parameters... parameters) {                                                \
    return activate(activation::make(activation::Id::name, std::array<double, sizeof...(parameters)>{static_cast<double>(parameters)...}), x); \
  }
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION

/// An activation written as text: Formula{"x*sigmoid(beta*x)", {{"beta", 1.0}}}. Its parameters are learned. Computed and differentiated as exactly as those of the
/// catalogue, however the text is written; see activation/formula.h for the grammar. Throws ArgumentError, with a caret under the place, for text that is no formula.
struct Formula : nn::Activation {
  explicit Formula(std::string_view text, const std::vector<std::pair<std::string, double>>& parameters = {}) : Activation(activation::formula(text, parameters)) {}
};

}  // namespace rectify
