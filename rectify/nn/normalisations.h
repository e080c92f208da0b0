// BatchNorm and LayerNorm: numbers brought to mean 0 and variance 1 within each channel, or within each sample.
#pragma once

#include "rectify/autograd/images.h"
#include "rectify/nn/module.h"

namespace rectify::nn {

/// What both have: a learned factor and offset per feature, unless `affine` is false.
class Normalisation : public Module {
 public:
  void visit(Visitor& visitor) override;
  /// Sets everything back to where it began: weights 1, biases 0, running means 0 and variances 1. nn::initialise does this.
  virtual void reset();

  Tensor weight;  ///< (features), undefined without `affine`
  Tensor bias;
  double epsilon;

 protected:
  Normalisation(const char* name, int64_t features, double epsilon, bool affine, DType dtype);
};

struct BatchNormOptions {
  double momentum = 0.1;  ///< the share of a new batch in the running mean and variance
  double epsilon = 1e-5;
  bool affine = true;
};

/// (..., features) -> the same shape, normalised over all axes but the last: for (n, f) and (n, h, w, c) alike. See batch_norm in autograd/images.h.
///
/// In training mode by the batch's own statistics, which also move the running ones: running = (1 - momentum) running + momentum batch, computed in float64, with the
/// unbiased variance (divided by one less), as in PyTorch. In evaluation mode by the running ones.
/// Throws ArgumentError for features below 1, a momentum outside [0, 1] and epsilon below 0, and in training mode for a batch with fewer than two numbers per channel.
class BatchNorm : public Normalisation {
 public:
  explicit BatchNorm(int64_t features, const BatchNormOptions& options = {}, DType dtype = DType::float32);
  Tensor forward(const Tensor& x) override;
  void visit(Visitor& visitor) override;
  std::string specification() const override;
  void reset() override;

  Tensor running_mean, running_var;  ///< (features): buffers
  double momentum;
};

struct LayerNormOptions {
  double epsilon = 1e-5;
  bool affine = true;
};

/// (..., features) -> the same shape, each row of the last axis normalised by itself, the same in training and evaluation.
class LayerNorm : public Normalisation {
 public:
  explicit LayerNorm(int64_t features, const LayerNormOptions& options = {}, DType dtype = DType::float32);
  Tensor forward(const Tensor& x) override { return layer_norm(x, weight, bias, epsilon); }
  std::string specification() const override;
};

}  // namespace rectify::nn
