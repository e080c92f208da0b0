// Layers: Linear, Flatten, Dropout. Those for images are in image_layers.h, normalisations in normalisations.h, softmax and its like in units.h.
#pragma once

#include <optional>

#include "rectify/activation/catalogue.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/module.h"

namespace rectify::nn {

struct LinearOptions {
  bool bias = true;
  std::optional<Initialiser> init = std::nullopt;       ///< of the weight; otherwise what initialise() is told
  std::optional<Initialiser> bias_init = std::nullopt;  ///< otherwise 0
};

/// What Linear and Conv2d have in common: a product with a weight, a bias, how both begin, and an activation that can run in the same pass.
class WeightedLayer : public Module {
 public:
  using Module::forward;
  /// f(forward(x)) in one pass, the same bits.
  virtual Tensor forward(const Tensor& x, const activation::Function& f) = 0;
  void visit(Visitor& visitor) override;

  Tensor weight;  ///< first axis the outputs, the others what each of them sees
  Tensor bias;    ///< one number per output, undefined without one
  LinearOptions options;

 protected:
  /// Draws lecun_normal weights from seed 0.
  WeightedLayer(const Shape& weight_shape, const LinearOptions& layer_options, DType dtype);
  /// ", bias=..., init=...", as far as they were given.
  std::string options_text() const;
};

/// x Wᵀ + b over the last axis: (..., in) -> (..., out). The constructor draws lecun_normal weights from seed 0; call nn::initialise to choose.
/// Throws ArgumentError for sizes below 1.
class Linear : public WeightedLayer {
 public:
  Linear(int64_t in, int64_t out, const LinearOptions& options = {}, DType dtype = DType::float32);
  Tensor forward(const Tensor& x) override;
  Tensor forward(const Tensor& x, const activation::Function& f) override;
  std::string specification() const override;
};

/// (n, a, b, ...) -> (n, a * b * ...).
class Flatten : public Module {
 public:
  Tensor forward(const Tensor& x) override;
  std::string specification() const override { return "flatten"; }
};

/// In training mode sets each element to 0 with probability p and divides the rest by 1 - p; in evaluation mode the identity. Which elements is a function of
/// (seed, ordinal, number of calls, index in the whole batch: see batch_part.h). Throws ArgumentError unless 0 <= p < 1.
class Dropout : public Module {
 public:
  explicit Dropout(double p = 0.5);
  Tensor forward(const Tensor& x) override;
  void visit(Visitor& visitor) override;
  std::string specification() const override;
  /// Sets the random stream and starts it anew; nn::initialise does this.
  void restart(uint64_t seed, uint64_t ordinal);

  double p;
  Tensor state;  ///< int64: seed, ordinal, calls; a buffer, so that a resumed training goes on where it was
};

}  // namespace rectify::nn
