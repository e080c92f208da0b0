// Row-wise and gated units as modules and in the grammar of networks.
#include "rectify/nn/units.h"

#include <gmock/gmock.h>

#include <cmath>

#include "rectify/nn/activations.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/network.h"
#include "tests/support/gradient_cases.h"
#include "tests/support/message_of.h"

namespace rectify {
namespace {

using testing::HasSubstr;

nn::Sequential network(const std::string& text, const Shape& shape) { return nn::build(parse_specification_list(text).or_throw(), shape); }

bool same(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return false;
  for (int64_t i = 0; i < a.size(); ++i) {
    if (a.at(i) != b.at(i)) return false;
  }
  return true;
}

Tensor sample(const Shape& shape) { return test::spread(shape, -3, 3, 77).to(DType::float32); }

TEST(Units, every_one_is_built_from_its_name_and_its_full_text_reads_back) {
  for (const activation::UnitId id : activation::all_units()) {
    const activation::UnitSpec& spec = activation::spec(id);
    SCOPED_TRACE(std::string(spec.name));
    nn::Sequential first = network(std::string(spec.name), {12});
    const std::string text = first.specification();
    EXPECT_TRUE(text.starts_with(spec.name));
    for (int i = 0; i < spec.parameter_count(); ++i) {
      EXPECT_THAT(text, HasSubstr(std::string(spec.parameters[i].name) + "=" + std::string(spec.parameters[i].default_value)));
    }
    nn::Sequential second = network(text, {12});
    EXPECT_EQ(second.specification(), text);
    const Tensor x = sample({5, 12}), y = first(x);
    EXPECT_TRUE(same(y, second(x)));
    EXPECT_EQ(y.shape(), (Shape{5, nn::shape_after_unit(parse_specification(spec.name).or_throw(), {12})[0]}));
    EXPECT_FALSE(spec.formula.empty() || spec.source.empty() || spec.description.empty());
    EXPECT_NE(dynamic_cast<nn::Unit*>(&first[0]), nullptr);
  }
}

TEST(Units, widths_follow_through_a_network) {
  nn::Sequential model = network("linear(64), swiglu, linear(48), maxout(3), crelu, geglu(tanh), glu(swapped), rational, linear(3), softmin", {2});
  EXPECT_EQ(nn::output_size(model, {2}), 3);
  EXPECT_EQ(network("linear(8), swiglu, linear(4)", {3}).parameters()[2].shape(), (Shape{4, 4}));
}

TEST(Units, names_ignore_case_and_punctuation_and_have_aliases) {
  EXPECT_EQ(activation::find_unit("SwiGLU"), activation::UnitId::swiglu);
  EXPECT_EQ(activation::find_unit("log-softmax"), activation::UnitId::log_softmax);
  EXPECT_EQ(activation::find_unit("pau"), activation::UnitId::rational);
  EXPECT_EQ(activation::find_unit("relu"), std::nullopt);
  for (const activation::UnitId id : activation::all_units()) EXPECT_FALSE(activation::find(activation::spec(id).name)) << "a unit has the name of an activation";
}

TEST(Units, a_width_that_does_not_fit_is_refused_with_what_to_write) {
  EXPECT_THAT(test::message_of<ArgumentError>([] { network("linear(65), swiglu", {2}); }),
              testing::AllOf(HasSubstr("[swiglu] gets 65 inputs"), HasSubstr("must be even"), HasSubstr("linear(66)")));
  EXPECT_THAT(test::message_of<ArgumentError>([] { network("linear(10), maxout(4)", {2}); }), testing::AllOf(HasSubstr("[maxout] gets 10 inputs"), HasSubstr("groups of 4"), HasSubstr("linear(12)")));
  EXPECT_THAT(test::message_of<ArgumentError>([] { network("linear(10), maxout(0)", {2}); }), HasSubstr("at least 1"));
  EXPECT_THAT(test::message_of<ArgumentError>([] { network("linear(10), glu(layout=packd)", {2}); }), HasSubstr("Did you mean packed?"));
  EXPECT_THAT(test::message_of<ArgumentError>([] { network("linear(10), geglu(approximate=erf)", {2}); }), HasSubstr("expected one of none, tanh"));
  EXPECT_THAT(test::message_of<ArgumentError>([] { network("linear(10), swigl", {2}); }), HasSubstr("Did you mean swiglu?"));
  std::string doubling = "linear(10)";
  for (int i = 0; i < 40; ++i) doubling += ", crelu";
  EXPECT_THAT(test::message_of<ArgumentError>([&] { network(doubling, {2}); }), HasSubstr("At most 1000000000"));
  EXPECT_THAT(test::message_of<ShapeError>([] { swiglu(sample({2, 5})); }), testing::AllOf(HasSubstr("(2, 5)"), HasSubstr("must be even")));
  EXPECT_THAT(test::message_of<ShapeError>([] { maxout(sample({2, 5}), 2); }), testing::AllOf(HasSubstr("[maxout]"), HasSubstr("(2, 5)")));
  EXPECT_THAT(test::message_of<ArgumentError>([] { gated(activation::make(activation::Id::mish), sample({2, 4})); }), HasSubstr("[gated] mish is not a gate"));
  EXPECT_THAT(test::message_of<ShapeError>([] { gated(activation::make(activation::Id::relu), sample({2, 4}), sample({2, 3})); }), HasSubstr("(2, 4) and the gate's (2, 3)"));
  EXPECT_THROW(rational(sample({2}), sample({9}), sample({4})), ShapeError);
  EXPECT_THROW(rational(sample({2}), test::spread({6}, 0, 1, 1), sample({4})), DTypeError);
  EXPECT_THROW(crelu(Tensor(1.0)), ShapeError);
}

TEST(Units, layouts_hold_the_same_operands) {
  const Tensor a = sample({4, 6}), b = sample({4, 6}) * 0.7;
  const Tensor packed = join_halves(a, b), swapped = join_halves(b, a), interleaved = join_halves(a, b, true);
  EXPECT_TRUE(same(half(packed, 0), a) && same(half(packed, 1), b) && same(half(interleaved, 0, true), a) && same(half(interleaved, 1, true), b));
  for (const activation::Id id : {activation::Id::sigmoid, activation::Id::relu, activation::Id::gelu, activation::Id::gelu_tanh, activation::Id::swish}) {
    const activation::Function f = activation::make(id);
    const Tensor y = gated(f, a, b);
    EXPECT_TRUE(same(gated(f, packed), y));
    EXPECT_TRUE(same(gated(f, swapped, GateLayout::swapped), y));
    EXPECT_TRUE(same(gated(f, interleaved, GateLayout::interleaved), y));
    const auto gradient = [&](const Tensor& x, GateLayout layout) {
      return grad([&](const Tensor& v) { return sum(square(gated(f, v, layout))); }, x);
    };
    const Tensor g = gradient(packed, GateLayout::packed);
    EXPECT_TRUE(same(gradient(swapped, GateLayout::swapped), join_halves(half(g, 1), half(g, 0))));
    EXPECT_TRUE(same(gradient(interleaved, GateLayout::interleaved), join_halves(half(g, 0), half(g, 1), true)));
  }
  EXPECT_TRUE(same(glu(packed), gated(activation::make(activation::Id::sigmoid), a, b)));
  EXPECT_TRUE(same(SwiGLU(1.5)(packed), swiglu(packed, 1.5)));
  EXPECT_TRUE(same(GEGLU(GELUForm::tanh)(packed), geglu(packed, GELUForm::tanh)));
}

TEST(Units, learned_parameters_are_in_the_state_and_reset) {
  nn::Sequential model{nn::Linear{3, 8}, SwiGLU{1.5, true}, Rational{}, nn::Linear{4, 2}};
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.named_parameters()) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("0.weight", "0.bias", "1.beta", "2.numerator", "2.denominator", "3.weight", "3.bias"));
  const auto [loss, gradients] = value_and_grad(model, [&] { return sum(square(model(sample({7, 3})))); });
  for (const Tensor& gradient : gradients) EXPECT_GT(sum(abs(gradient)).item(), 0);
  model.parameters()[2].copy_from(Tensor::full({1}, 9));
  model.parameters()[3].copy_from(Tensor::zeros({6}));
  nn::initialise(model, {.seed = 1});
  EXPECT_EQ(model.parameters()[2].item(), 1.5);
  EXPECT_TRUE(same(model.parameters()[3], Rational{}.numerator));
  nn::Sequential copy = nn::clone(model);
  copy.parameters()[2].copy_from(Tensor::full({1}, 3));
  EXPECT_EQ(model.parameters()[2].item(), 1.5);
}

TEST(Units, rational_begins_near_leaky_relu) {
  Rational unit(DType::float64);
  for (double x = -3; x <= 3; x += 0.125) EXPECT_NEAR(unit(Tensor::from({x}, DType::float64)).item(), x > 0 ? x : 0.01 * x, 0.035) << x;
}

/// The mean square of a unit's outputs for weights scaled by its gain.
double second_moment(nn::Unit& unit, int64_t width) {
  Tensor z = Tensor::empty({40'000, width}, DType::float64);
  nn::fill(z, {nn::Init::normal, 1.0}, 3, 0);
  return mean(square(unit(z * unit.gain()))).item();
}

TEST(Units, gains_keep_the_second_moment) {
  GLU glu;
  ReGLU reglu;
  GEGLU geglu;
  SwiGLU swiglu;
  Maxout two, five(5);
  CReLU crelu;
  Rational rational(DType::float64);
  for (nn::Unit* unit : std::initializer_list<nn::Unit*>{&glu, &reglu, &geglu, &swiglu, &two, &five, &crelu, &rational}) {
    EXPECT_NEAR(second_moment(*unit, 10), 1.0, 0.03) << unit->specification();
  }
  EXPECT_NEAR(reglu.gain(), std::pow(2.0, 0.25), 1e-12);
  EXPECT_NEAR(two.gain(), 1.0, 1e-12);
  EXPECT_NEAR(crelu.gain(), std::sqrt(2.0), 1e-15);
}

struct FreeFunctions : nn::Module {
  Tensor forward(const Tensor& x) override { return last(swiglu(first(x))); }
  void visit(nn::Visitor& v) override { v("0", first), v("2", last); }
  nn::Linear first{40, 30}, last{15, 2};
};

TEST(Units, initialisation_sees_them_as_modules_and_as_free_functions) {
  FreeFunctions model;
  nn::Sequential same_model{nn::Linear{40, 30}, SwiGLU{}, nn::Linear{15, 2}}, plain{nn::Linear{40, 30}, nn::Linear{30, 2}};
  nn::initialise(model, {.seed = 4}, sample({2, 40}));
  nn::initialise(same_model, {.seed = 4});
  nn::initialise(plain, {.seed = 4});
  EXPECT_TRUE(same(model.parameters()[0], same_model.parameters()[0]));
  EXPECT_NEAR(same_model.parameters()[0].at(0) / plain.parameters()[0].at(0), SwiGLU{}.gain(), 1e-5);
}

}  // namespace
}  // namespace rectify
