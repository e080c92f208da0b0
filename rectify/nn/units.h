// Row-wise and gated units as modules, one of each line of activation/units.inc: SwiGLU{} and swiglu(x). They work on the last axis.
#pragma once

#include <string>

#include "rectify/activation/units.h"
#include "rectify/autograd/units.h"
#include "rectify/base/specification.h"
#include "rectify/nn/module.h"

namespace rectify::nn {

class Sequential;

/// What the modules of units.inc have in common.
class Unit : public Module {
 public:
  /// The factor for the weights of the layer before it, see activation/units.h.
  virtual double gain() const { return 1; }
  /// Sets learned parameters back to where they began.
  virtual void reset() {}
};

/// a * f(b), see autograd/units.h.
class Gated : public Unit {
 public:
  Tensor forward(const Tensor& x) override { return gated(function_, x, layout_, parameter_); }
  double gain() const override { return activation::gated_gain(function()); }

  /// The gate, with the learned parameter's present value.
  activation::Function function() const;
  GateLayout layout() const { return layout_; }

 protected:
  Gated(const activation::Function& function, GateLayout layout, bool learned = false, DType dtype = DType::float32);
  /// "layout=packed".
  std::string layout_text() const;

  activation::Function function_;
  GateLayout layout_;
  Tensor parameter_;  ///< undefined unless it is learned
};

/// Adds the unit that the specification names to the network. Throws ArgumentError for wrong arguments.
void append_unit(Sequential& network, activation::UnitId id, const Specification& specification);

/// The shape of one sample after this layer if it is a unit, which changes the last axis at most; the same shape for other layers.
/// Throws ArgumentError for a last axis that does not fit, or that would be longer than 10^9.
Shape shape_after_unit(const Specification& specification, const Shape& shape);

}  // namespace rectify::nn

namespace rectify {

struct Softmax : nn::Unit {
  Tensor forward(const Tensor& x) override { return softmax(x); }
  std::string specification() const override { return "softmax"; }
};

struct LogSoftmax : nn::Unit {
  Tensor forward(const Tensor& x) override { return log_softmax(x); }
  std::string specification() const override { return "log_softmax"; }
};

struct Softmin : nn::Unit {
  Tensor forward(const Tensor& x) override { return softmin(x); }
  std::string specification() const override { return "softmin"; }
};

struct Sparsemax : nn::Unit {
  Tensor forward(const Tensor& x) override { return sparsemax(x); }
  std::string specification() const override { return "sparsemax"; }
};

struct GLU : nn::Gated {
  explicit GLU(GateLayout layout = GateLayout::packed) : Gated(activation::make(activation::Id::sigmoid), layout) {}
  std::string specification() const override { return "glu(" + layout_text() + ")"; }
};

struct ReGLU : nn::Gated {
  explicit ReGLU(GateLayout layout = GateLayout::packed) : Gated(activation::make(activation::Id::relu), layout) {}
  std::string specification() const override { return "reglu(" + layout_text() + ")"; }
};

struct GEGLU : nn::Gated {
  explicit GEGLU(GELUForm form = GELUForm::erf, GateLayout layout = GateLayout::packed)
      : Gated(activation::make(form == GELUForm::erf ? activation::Id::gelu : activation::Id::gelu_tanh), layout) {}
  std::string specification() const override;
};

/// `learned` makes beta a parameter, named "beta".
struct SwiGLU : nn::Gated {
  explicit SwiGLU(double beta = 1, bool learned = false, GateLayout layout = GateLayout::packed, DType dtype = DType::float32)
      : Gated(activation::make(activation::Id::swish, std::span<const double>(&beta, 1)), layout, learned, dtype) {}
  void visit(nn::Visitor& visitor) override;
  void reset() override;
  std::string specification() const override;
};

/// Throws ArgumentError for pieces < 1.
struct Maxout : nn::Unit {
  explicit Maxout(int64_t pieces = 2);
  Tensor forward(const Tensor& x) override { return maxout(x, pieces); }
  double gain() const override { return activation::maxout_gain(pieces); }
  std::string specification() const override { return "maxout(pieces=" + std::to_string(pieces) + ")"; }
  int64_t pieces;
};

struct CReLU : nn::Unit {
  Tensor forward(const Tensor& x) override { return crelu(x); }
  double gain() const override { return activation::crelu_gain(); }
  std::string specification() const override { return "crelu"; }
};

/// Parameters "numerator" (6) and "denominator" (4), which start near leaky ReLU.
struct Rational : nn::Unit {
  explicit Rational(DType dtype = DType::float32);
  Tensor forward(const Tensor& x) override { return rational(x, numerator, denominator); }
  void visit(nn::Visitor& visitor) override;
  double gain() const override;
  void reset() override;
  std::string specification() const override { return "rational"; }
  Tensor numerator, denominator;
};

}  // namespace rectify
