// How weights begin. Every number is a function of (seed, ordinal of the parameter in the order of visiting, index): the way a network is written cannot change it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/base/specification.h"
#include "rectify/nn/module.h"

namespace rectify::nn {

enum class Init {
  calibrated,      ///< N(0, gain² / fan_in), gain = 1 / sqrt(E f(z)²) of the activation f that comes next, z ~ N(0, 1): He for ReLU, LeCun for none or SELU
  xavier_uniform,  ///< U(-a, a), a = sqrt(6 / (fan_in + fan_out)); Glorot and Bengio 2010
  xavier_normal,   ///< N(0, 2 / (fan_in + fan_out))
  he_uniform,      ///< U(-a, a), a = sqrt(6 / fan_in); He et al. 2015
  he_normal,       ///< N(0, 2 / fan_in)
  lecun_uniform,   ///< U(-a, a), a = sqrt(3 / fan_in); LeCun et al. 1998
  lecun_normal,    ///< N(0, 1 / fan_in)
  orthogonal,      ///< rows or columns orthonormal, times `value` (default 1); Saxe et al. 2013
  constant,        ///< `value`
  normal,          ///< N(0, value²)
  uniform,         ///< U(-value, value)
};

/// A scheme with its number: normal(0.05).
struct Initialiser {
  Init scheme = Init::calibrated;
  double value = 0;
  friend bool operator==(const Initialiser&, const Initialiser&) = default;
};

/// Reads `he_normal`, `glorot_uniform`, `he`, `normal(0.05)`, ... or, for biases, a bare number. Throws ArgumentError, suggesting the nearest names.
Initialiser initialiser_from(const Specification& specification);
std::string to_string(const Initialiser& initialiser);

/// Fills a weight (out, in) or any matrix-like tensor (first axis fan_out, the rest fan_in). `gain` is used by `calibrated` alone.
void fill(Tensor& tensor, const Initialiser& initialiser, uint64_t seed, uint64_t ordinal, double gain = 1.0);

struct InitialiseOptions {
  Init scheme = Init::calibrated;
  uint64_t seed = 0;
};

/// Fills the weights and biases (0 unless the layer says otherwise) of every layer; a layer's own `init=` goes before `scheme`. The activation that comes next
/// is the next one in the order of visiting before another layer with weights.
void initialise(Module& model, const InitialiseOptions& options = {});

/// The same, but the activation that comes next is found by tracing one forward pass over `sample`: it also sees free functions. The pass is made in
/// evaluation mode.
void initialise(Module& model, const InitialiseOptions& options, const Tensor& sample);

}  // namespace rectify::nn
