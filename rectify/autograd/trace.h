// A record of one forward pass: which linear layers and convolutions ran and what came after them, so that defaults which depend on the next activation, and watching, work for
// free functions as they do for modules. Per thread.
#pragma once

#include <optional>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/tensor/tensor.h"

namespace rectify::trace {

/// One linear layer or convolution of the pass, in the order of execution.
struct Layer {
  const void* weight = nullptr;                    ///< Tensor::id() of its weight
  Tensor output;                                   ///< x Wᵀ + b, or the convolution + b
  std::optional<activation::Function> activation;  ///< the first activation applied to the output
  Tensor activated;                                ///< and its result
  Tensor passed_on;                                ///< the output after pooling and normalisation: an activation of that counts as one of the output
  std::optional<double> unit_gain;                 ///< of the gated unit, maxout, crelu or rational unit applied to it instead, see activation/units.h
};

/// Collects layers while it lives; scopes nest, the innermost collects.
class Trace {
 public:
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  friend void linear(const Tensor& weight, const Tensor& output);
  friend void activation(const activation::Function& function, const Tensor& input, const Tensor& output);
  friend void unit(double gain, const Tensor& input);
  friend void passed_on(const Tensor& input, const Tensor& output);
  Layer* layer_of(const Tensor& output);
  std::vector<Layer> layers_;
  Trace* before_;
};

/// Whether a Trace lives on this thread; what operations report to it.
bool active();
void linear(const Tensor& weight, const Tensor& output);
void activation(const activation::Function& function, const Tensor& input, const Tensor& output);
void unit(double gain, const Tensor& input);
/// `output` is `input` pooled or normalised.
void passed_on(const Tensor& input, const Tensor& output);

}  // namespace rectify::trace
