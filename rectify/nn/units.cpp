#include "rectify/nn/units.h"

#include <array>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/words.h"
#include "rectify/nn/sequential.h"

namespace rectify::nn {
namespace {

using activation::UnitId;
using activation::UnitParameter;
using activation::UnitSpec;

constexpr std::array layouts = {"packed", "swapped", "interleaved"};  // in the order of GateLayout

/// The index of the chosen word among the parameter's choices.
size_t choice(ArgumentReader& arguments, const UnitSpec& unit, const UnitParameter& parameter) {
  const std::string chosen = arguments.text(parameter.name, std::string(parameter.default_value));
  const std::vector<std::string_view> views = words(parameter.choices);
  const std::vector<std::string> known(views.begin(), views.end());
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == chosen) return i;
  }
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
  throw ArgumentError("[" + std::string(unit.name) + "] " + std::string(parameter.name) + " is " + chosen + "; expected one of " + list + "." + did_you_mean(chosen, known));
}

GateLayout layout_of(ArgumentReader& arguments, const UnitSpec& unit) {
  return static_cast<GateLayout>(choice(arguments, unit, unit.parameters[unit.parameter_count() - 1]));
}

/// The width of the outputs for `width` inputs.
int64_t width_after(const UnitSpec& unit, int64_t width, int64_t pieces) {
  const std::string name(unit.name);
  constexpr int64_t most = 1'000'000'000;
  switch (unit.width) {
    case activation::UnitWidth::same: return width;
    case activation::UnitWidth::doubled: {
      if (width <= most / 2) return 2 * width;
      throw ArgumentError("[" + name + "] would double " + std::to_string(width) + " inputs. At most " + std::to_string(most) + " outputs are possible.");
    }
    case activation::UnitWidth::half: {
      if (width % 2 == 0) return width / 2;
      throw ArgumentError("[" + name + "] gets " + std::to_string(width) + " inputs, but takes a value and a gate for each output: their number must be even. Write linear(" +
                          std::to_string(width + 1) + ") before it.");
    }
    case activation::UnitWidth::divided: break;
  }
  if (width % pieces == 0) return width / pieces;
  throw ArgumentError("[" + name + "] gets " + std::to_string(width) + " inputs, which do not divide into groups of " + std::to_string(pieces) + ". Write linear(" +
                      std::to_string((width / pieces + 1) * pieces) + ") before it.");
}

int64_t pieces_of(ArgumentReader& arguments) {
  const int64_t pieces = arguments.integer("pieces", 2);
  if (pieces < 1 || pieces > 1'000'000) throw ArgumentError("[maxout] the number of pieces must be at least 1 and at most a million, not " + std::to_string(pieces) + ".");
  return pieces;
}

}  // namespace

Gated::Gated(const activation::Function& function, GateLayout layout, bool learned, DType dtype) : function_(function), layout_(layout) {
  if (learned) parameter_ = Tensor::full(Shape{1}, function.parameters[0], dtype).set_requires_grad(true);
}

activation::Function Gated::function() const {
  activation::Function result = function_;
  if (parameter_.defined()) result.parameters[0] = parameter_.item();
  return result;
}

std::string Gated::layout_text() const { return std::string("layout=") + layouts[static_cast<size_t>(layout_)]; }

void append_unit(Sequential& network, UnitId id, const Specification& specification) {
  const UnitSpec& unit = activation::spec(id);
  ArgumentReader arguments(specification);
  switch (id) {
    case UnitId::softmax: network.append(Softmax()); break;
    case UnitId::log_softmax: network.append(LogSoftmax()); break;
    case UnitId::softmin: network.append(Softmin()); break;
    case UnitId::sparsemax: network.append(Sparsemax()); break;
    case UnitId::glu: network.append(GLU(layout_of(arguments, unit))); break;
    case UnitId::reglu: network.append(ReGLU(layout_of(arguments, unit))); break;
    case UnitId::geglu: {
      const GELUForm form = static_cast<GELUForm>(choice(arguments, unit, unit.parameters[0]));
      network.append(GEGLU(form, layout_of(arguments, unit)));
      break;
    }
    case UnitId::swiglu: {
      const double beta = arguments.number("beta", 1.0);
      const bool learned = arguments.boolean("learned", false);
      network.append(SwiGLU(beta, learned, layout_of(arguments, unit)));
      break;
    }
    case UnitId::maxout: network.append(Maxout(pieces_of(arguments))); break;
    case UnitId::crelu: network.append(CReLU()); break;
    case UnitId::rational: network.append(Rational()); break;
  }
  arguments.finish();
}

Shape shape_after_unit(const Specification& specification, const Shape& shape) {
  const std::optional<UnitId> id = activation::find_unit(specification.name);
  if (!id) return shape;
  std::vector<int64_t> sizes(shape.sizes().begin(), shape.sizes().end());
  if (sizes.empty()) throw ArgumentError("[" + specification.name + "] needs samples with at least one axis.");
  ArgumentReader arguments(specification);
  sizes.back() = width_after(activation::spec(*id), sizes.back(), *id == UnitId::maxout ? pieces_of(arguments) : 1);
  return Shape(sizes);
}

}  // namespace rectify::nn

namespace rectify {
namespace {

template <size_t n>
Tensor learned(const std::array<double, n>& values, DType dtype) {
  return Tensor::from(std::span<const double>(values), Shape{n}).to(dtype).set_requires_grad(true);
}

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> result;
  for (int64_t i = 0; i < tensor.size(); ++i) result.push_back(tensor.at(i));
  return result;
}

}  // namespace

std::string GEGLU::specification() const {
  return std::string("geglu(approximate=") + (function_.id == activation::Id::gelu ? "none" : "tanh") + ", " + layout_text() + ")";
}

void SwiGLU::visit(nn::Visitor& visitor) { visitor("beta", parameter_); }

void SwiGLU::reset() {
  if (parameter_.defined()) parameter_.copy_from(Tensor::full(Shape{1}, function_.parameters[0], parameter_.dtype()));
}

std::string SwiGLU::specification() const {
  return "swiglu(beta=" + number(function_.parameters[0]).text + ", learned=" + (parameter_.defined() ? "true" : "false") + ", " + layout_text() + ")";
}

Maxout::Maxout(int64_t count) : pieces(count) {
  if (pieces < 1) throw ArgumentError("[maxout] the number of pieces must be at least 1, not " + std::to_string(pieces) + ".");
}

Rational::Rational(DType dtype) : numerator(learned(activation::rational_numerator, dtype)), denominator(learned(activation::rational_denominator, dtype)) {}

void Rational::visit(nn::Visitor& visitor) {
  visitor("numerator", numerator);
  visitor("denominator", denominator);
}

double Rational::gain() const { return activation::rational_gain(numbers(numerator), numbers(denominator)); }

void Rational::reset() {
  numerator.copy_from(learned(activation::rational_numerator, numerator.dtype()));
  denominator.copy_from(learned(activation::rational_denominator, denominator.dtype()));
}

}  // namespace rectify
