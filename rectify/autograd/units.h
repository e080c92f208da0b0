// Row-wise and gated units as differentiable functions: what activation/units.inc lists, but for softmax and log_softmax, which are in operations.h.
// float32 and float64. All throw ShapeError for a last axis that does not fit. Differentiable twice.
#pragma once

#include "rectify/autograd/operations.h"

namespace rectify {

/// How a gated unit's last axis holds its two operands, each n wide.
enum class GateLayout {
  packed,       ///< [value, gate]: PyTorch's
  swapped,      ///< [gate, value]
  interleaved,  ///< value, gate, value, gate, ...
};

/// a * f(b) for operands of one shape, f one of sigmoid, relu, gelu, gelu_tanh and swish; `parameter`, a tensor with one element, replaces f's parameter (swish's
/// beta) and is learned. float32 is correctly rounded, float64 within 2 ulp; so are the gradients by a and b (float64: 4 ulp). Throws ArgumentError for another f.
Tensor gated(const activation::Function& f, const Tensor& a, const Tensor& b, const Tensor& parameter = Tensor());
/// The same for operands in one tensor: (..., 2n) -> (..., n).
Tensor gated(const activation::Function& f, const Tensor& x, GateLayout layout = GateLayout::packed, const Tensor& parameter = Tensor());

/// a * sigmoid(b). Dauphin et al. 2017, arXiv:1612.08083.
Tensor glu(const Tensor& x, GateLayout layout = GateLayout::packed);
/// a * relu(b), a * gelu(b) with erf or by tanh, a * b * sigmoid(beta * b). Shazeer 2020, arXiv:2002.05202.
Tensor reglu(const Tensor& x, GateLayout layout = GateLayout::packed);
enum class GELUForm { erf, tanh };
Tensor geglu(const Tensor& x, GELUForm form = GELUForm::erf, GateLayout layout = GateLayout::packed);
Tensor swiglu(const Tensor& x, double beta = 1, GateLayout layout = GateLayout::packed);
/// With a learned beta, a tensor with one element.
Tensor swiglu(const Tensor& x, const Tensor& beta, GateLayout layout = GateLayout::packed);

/// softmax(-x) over the last axis.
Tensor softmin(const Tensor& x);
/// The projection of the last axis onto the probability simplex: max(x - tau, 0), which sums to 1. Martins and Astudillo 2016, arXiv:1602.02068.
Tensor sparsemax(const Tensor& x);

/// The largest of each `pieces` neighbours: (..., pieces * n) -> (..., n). The gradient goes to the first largest. Goodfellow et al. 2013, arXiv:1302.4389.
/// Throws ArgumentError for pieces < 1.
Tensor maxout(const Tensor& x, int64_t pieces = 2);
/// [relu(x), relu(-x)]: (..., n) -> (..., 2n). Shang et al. 2016, arXiv:1603.05201.
Tensor crelu(const Tensor& x);

/// P(x) / Q(x) with P(x) = p_0 + p_1 x + ... + p_m x^m and Q(x) = 1 + |q_1 x| + ... + |q_n x^n|, elementwise; numerator (m + 1), denominator (n), both learned, of x's
/// type; m and n at most 7. The safe Padé unit (version A) of Molina, Schramowski and Kersting 2020, arXiv:1907.06732. Slopes of |.| at 0 are 0.
Tensor rational(const Tensor& x, const Tensor& numerator, const Tensor& denominator);

/// The two halves of the last axis, or its elements at even and at odd places: (..., 2n) -> (..., n); and the tensor they make up. `which` is 0 or 1.
Tensor half(const Tensor& x, int which, bool interleaved = false);
Tensor join_halves(const Tensor& first, const Tensor& second, bool interleaved = false);

}  // namespace rectify
