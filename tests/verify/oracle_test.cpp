// The oracle against MPFR asked directly, and its fast stages against its slow one.
#include "rectify/verify/oracle.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <bit>
#include <cmath>

#include "rectify/base/random.h"
#include "rectify/verify/evaluator.h"
#include "tests/activation/catalogue_cases.h"
#include "tests/support/stratified.h"

namespace rectify::verify {
namespace {

using activation::parse_expression;

Oracle oracle_of(std::string_view formula, int derivative = 0) { return Oracle(parse_expression(formula).or_throw(), {}, derivative); }

/// One function of MPFR, correctly rounded to float32.
float mpfr_float(int (*function)(mpfr_t, const mpfr_t, mpfr_rnd_t), float x) {
  mpfr_t a, y;
  mpfr_init2(a, 24);
  mpfr_init2(y, 400);
  mpfr_set_flt(a, x, MPFR_RNDN);
  function(y, a, MPFR_RNDN);
  const float result = mpfr_get_flt(y, MPFR_RNDN);
  mpfr_clears(a, y, static_cast<mpfr_ptr>(nullptr));
  return result;
}

TEST(Oracle, elementary_functions_agree_with_MPFR) {
  struct Case {
    const char* formula;
    int (*function)(mpfr_t, const mpfr_t, mpfr_rnd_t);
  };
  const auto lifted = []<int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)>() { return [](mpfr_t y, const mpfr_t x, mpfr_rnd_t r) { return f(y, x, r); }; };
  const Case cases[] = {{"exp(x)", lifted.operator()<mpfr_exp>()},   {"expm1(x)", lifted.operator()<mpfr_expm1>()}, {"tanh(x)", lifted.operator()<mpfr_tanh>()},
                        {"erf(x)", lifted.operator()<mpfr_erf>()},   {"erfc(x)", lifted.operator()<mpfr_erfc>()},   {"sin(x)", lifted.operator()<mpfr_sin>()},
                        {"cos(x)", lifted.operator()<mpfr_cos>()},   {"arctan(x)", lifted.operator()<mpfr_atan>()}, {"sinh(x)", lifted.operator()<mpfr_sinh>()},
                        {"cosh(x)", lifted.operator()<mpfr_cosh>()}, {"sqrt(abs(x))", [](mpfr_t y, const mpfr_t x, mpfr_rnd_t r) {
                           mpfr_abs(y, x, r);
                           return mpfr_sqrt(y, y, r);
                         }}};
  for (const Case& c : cases) {
    const Oracle oracle = oracle_of(c.formula);
    for (const float x : {1.0f, -1.0f, 0.1f, -0.7f, 3.3f, -9.25f, 50.0f, -80.0f, 120.0f, 1e-3f, 1e-20f, -1e-40f, 1e10f}) {
      EXPECT_EQ(oracle.rounded<float>(x), mpfr_float(c.function, x)) << c.formula << " at " << x;
    }
  }
}

TEST(Oracle, a_comparison_of_two_equal_numbers_is_settled_where_nothing_was_rounded) {
  const Oracle line = oracle_of("min(max((x + 3)/6, 0), 1)"), slope = oracle_of("where((x + 3)/6 > 0, where((x + 3)/6 < 1, 1, 0), 0)");
  EXPECT_EQ(line.rounded<float>(3.0f), 1.0f);
  EXPECT_EQ(line.rounded<float>(-3.0f), 0.0f);
  EXPECT_EQ(slope.rounded<float>(3.0f), 0.0f);
  EXPECT_EQ(slope.rounded<float>(-3.0f), 0.0f);
  EXPECT_EQ(slope.rounded<float>(2.9999998f), 1.0f);
}

TEST(Oracle, an_exact_zero_has_no_sign_however_small_x_is) {
  const Oracle shrunk = oracle_of("where(abs(x) > 1/2, x, 0)");
  for (const double x : {-0.25, -0x1p-130, 0x1p-149}) EXPECT_EQ(shrunk.rounded(x, format_of<float>).zero, ZeroSign::open) << x;
}

TEST(Oracle, errors_beside_the_largest_number_are_those_of_the_correct_rounding) {
  // 1.5 x is the tie between the largest float64 and infinity; a half less is not.
  const double x = 0x1.5555555555555p+1023, largest = 0x1.fffffffffffffp+1023;
  EXPECT_LT(oracle_of("1.5*x - 1/2").error_in_ulps(x, largest, format_of<double>), 0.5000001);
  EXPECT_TRUE(std::isinf(oracle_of("1.5*x").error_in_ulps(x, largest, format_of<double>)));
}

TEST(Oracle, derivatives_are_those_of_mathematics) {
  const auto near = [](const Oracle& oracle, double x, double expected) { EXPECT_NEAR(static_cast<double>(oracle.value(x)), expected, 1e-15 * std::fabs(expected)); };
  const double x = 0.75;
  near(oracle_of("x^3", 1), x, 3 * x * x);
  near(oracle_of("x^3", 2), x, 6 * x);
  near(oracle_of("x^-1", 2), x, 2 / (x * x * x));
  near(oracle_of("sqrt(x)", 2), x, -0.25 / (x * std::sqrt(x)));
  near(oracle_of("log(x)", 2), x, -1 / (x * x));
  near(oracle_of("sin(2*x)", 2), x, -4 * std::sin(2 * x));
  near(oracle_of("tanh(x)", 2), x, -2 * std::tanh(x) / (std::cosh(x) * std::cosh(x)));
  near(oracle_of("arctan(x)", 2), x, -2 * x / ((1 + x * x) * (1 + x * x)));
  near(oracle_of("exp(-x^2)", 2), x, (4 * x * x - 2) * std::exp(-x * x));
  near(oracle_of("softplus(x)", 2), x, std::exp(-x) / std::pow(1 + std::exp(-x), 2));
  near(oracle_of("cosh(x)", 1), x, std::sinh(x));
  near(oracle_of("Phi(x)", 1), x, std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846));
  near(oracle_of("erfc(x)", 1), x, -2 * std::exp(-x * x) / std::sqrt(3.14159265358979323846));
  near(oracle_of("log1p(x^2)", 1), x, 2 * x / (1 + x * x));
}

TEST(Oracle, ties_and_zeros_are_seen_for_what_they_are) {
  // x/2 of an odd subnormal is a tie; the next term decides, 150 and more binary places below.
  const float x = std::bit_cast<float>(0x00000003u);
  EXPECT_EQ(oracle_of("x*sigmoid(x)").rounded<float>(x), std::bit_cast<float>(2u));
  EXPECT_EQ(oracle_of("x*sigmoid(-x)").rounded<float>(x), std::bit_cast<float>(1u));
  EXPECT_EQ(oracle_of("0.5*x").rounded<float>(x), std::bit_cast<float>(2u));  // exactly a tie: to even
  EXPECT_EQ(oracle_of("x - x").rounded(3.0, format_of<float>).zero, ZeroSign::open);
  EXPECT_EQ(oracle_of("exp(x)").rounded(-1e30, format_of<float>).zero, ZeroSign::underflow);
  const Rounded tiny = oracle_of("-exp(x)").rounded(-200.0, format_of<float>);
  EXPECT_EQ(tiny.zero, ZeroSign::certain);
  EXPECT_TRUE(tiny.value == 0 && std::signbit(tiny.value));
  EXPECT_EQ(oracle_of("exp(x)").rounded<float>(1e30), std::numeric_limits<float>::infinity());
}

TEST(Oracle, terms_that_cancel_near_zero_cost_nothing) {
  const Oracle oracle = oracle_of("x - tanh(x)");
  for (const float x : {0x1p-3f, 0x1.8p-9f, 0x1.234566p-30f, -0x1.8p-40f}) {
    const Rounded result = oracle.rounded(x, format_of<float>);
    const double cube = static_cast<double>(x) * x * x;
    EXPECT_NEAR(result.value / (cube / 3), 1, 0.4 * x * x + 0x1p-23) << x;
    EXPECT_FALSE(result.asked_mpfr) << x;
  }
}

TEST(Oracle, a_formula_that_grows_and_saturates_is_followed_to_the_end) {
  for (const float x : {5.0f, 100.0f, 1e4f, 3e38f}) {
    EXPECT_EQ(oracle_of("x*tanh(exp(x))").rounded<float>(x), x);
    EXPECT_EQ(oracle_of("x*tanh(exp(x))", 1).rounded<float>(x), 1.0f);
  }
}

TEST(Oracle, sixteen_bit_formats_are_rounded_to_once) {
  constexpr NumberFormat half{11, -14, 15}, brain{8, -126, 127};
  const Oracle identity = oracle_of("x");
  EXPECT_EQ(identity.rounded(0x1.002p0, half).value, 1.0);           // a tie, to even
  EXPECT_EQ(identity.rounded(0x1.00200000001p0, half).value, 0x1.004p0);
  EXPECT_EQ(identity.rounded(65519.0, half).value, 65504.0);
  EXPECT_EQ(identity.rounded(65520.0, half).value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(identity.rounded(0x1.8p-24, half).value, 0x1p-23);       // subnormal, a tie, to even
  EXPECT_EQ(identity.rounded(0x1p-25, half).value, 0.0);
  EXPECT_EQ(identity.rounded(0x1.000001p-25, half).value, 0x1p-24);
  EXPECT_EQ(identity.rounded(0x1.01p0, brain).value, 1.0);
}


class Stages : public testing::TestWithParam<activation::Id> {};

/// The filter never settles a rounding wrongly: every result of it on stratified patterns against MPFR.
TEST_P(Stages, the_filter_agrees_with_the_slow_stages) {
  std::vector<float> x = test::stratified_floats(1 << 13, 99);
  for (uint64_t i = 0; i < 4096; ++i) x.push_back(static_cast<float>((static_cast<double>(random_bits({.seed = 5}, i)[0]) * 0x1p-32 - 0.5) * (i % 2 == 0 ? 20 : 200)));
  x.resize(x.size() / Filter::block * Filter::block);
  std::vector<uint32_t> result(x.size());
  std::vector<activation::Function> functions = activation::with_other_parameters(GetParam());
  functions.push_back(activation::make(GetParam()));
  for (const activation::Function& function : functions) {
    for (int derivative = 0; derivative < 3; ++derivative) {
      const Oracle oracle(function, derivative);
      Filter::Workspace workspace(oracle.filter());
      size_t doubts = 0;
      for (size_t i = 0; i < x.size(); i += Filter::block) oracle.filter().run(x.data() + i, result.data() + i, workspace);
      for (size_t i = 0; i < x.size(); ++i) {
        if (result[i] == Filter::in_doubt) {
          ++doubts;
          continue;
        }
        const Rounded slow = oracle.rounded(x[i], format_of<float>);
        const uint32_t expected = slow.zero == ZeroSign::open        ? Filter::open_zero
                                  : slow.zero == ZeroSign::underflow ? Filter::underflow
                                                                     : std::bit_cast<uint32_t>(static_cast<float>(slow.value));
        const bool both_zero = slow.value == 0 && (result[i] == Filter::underflow || result[i] == Filter::open_zero);
        ASSERT_TRUE(result[i] == expected || both_zero) << to_string(function) << " derivative " << derivative << std::hexfloat << " at " << x[i] << ": " << std::bit_cast<float>(result[i])
                                                        << " (bits " << std::hex << result[i] << "), slowly " << slow.value;
      }
      if (function == activation::make(GetParam())) RecordProperty("doubts_" + std::to_string(derivative), static_cast<int>(doubts));
    }
  }
}

/// Long double and the expansion at zero against MPFR alone.
TEST_P(Stages, long_double_and_the_expansion_agree_with_MPFR) {
  const activation::Function function = activation::make(GetParam());
  const activation::Spec& spec = activation::spec(GetParam());
  std::vector<std::string> names;
  std::vector<double> parameters;
  for (int i = 0; i < spec.parameter_count(); ++i) names.emplace_back(spec.parameters[i].name), parameters.push_back(function.parameters[static_cast<size_t>(i)]);
  const auto formula = parse_expression(spec.formula, names).or_throw();
  const Oracle oracle(formula, parameters, 0);
  for (const float x : test::stratified_floats(1 << 9, 7)) {
    const Rounded fast = oracle.rounded(x, format_of<float>);
    real_precision = 800;
    const Ball<Real> ball = Evaluator<Real, 1>(Ball<Real>(static_cast<long double>(x)), parameters).evaluate(*formula)[0];
    if (fast.zero != ZeroSign::certain || ball.value.is_infinite() || ball.error > 1e-60L * ball.size()) continue;
    EXPECT_EQ(fast.value, round_to(format_of<float>, ball.value)) << std::hexfloat << x;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Stages, activation::every_activation(), activation::case_name);

}  // namespace
}  // namespace rectify::verify
