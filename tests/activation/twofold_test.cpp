// The exact path's number and its building blocks against MPFR, over wide ranges of arguments with two parts.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "rectify/activation/inline.h"
#include "rectify/activation/reduction.h"
#include "rectify/base/random.h"
#include "rectify/verify/real.h"

namespace rectify::activation {
namespace {

#include "rectify/activation/twofold-inl.h"
#include "rectify/activation/twofold_tables-inl.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/twofold_blocks-inl.h"
#include "rectify/activation/twofold_circle-inl.h"

using verify::Real;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t samples = 2000;
#else
constexpr uint64_t samples = 30000;
#endif

Real real(Twofold x) { return Real(x.high) + Real(x.low); }

Twofold twofold(const Real& x) {
  const double high = mpfr_get_d(x.raw(), MPFR_RNDN);
  return {high, mpfr_get_d((x - Real(high)).raw(), MPFR_RNDN)};
}

/// log2 of |y / expected - 1|, -infinity if they agree.
double error_bits(Twofold y, const Real& expected) {
  const Real difference = real(y) - expected;
  if (mpfr_zero_p(difference.raw())) return -std::numeric_limits<double>::infinity();
  return static_cast<double>(std::log2(std::fabs(mpfr_get_ld((difference / expected).raw(), MPFR_RNDN))));
}

/// A number with 2^smallest <= |x| < 2^largest, spread over the binades, with a low part.
Twofold argument(uint64_t seed, uint64_t i, double smallest, double largest, bool negative, bool two_parts) {
  const RandomKey key{.seed = seed};
  const double high = std::exp2(smallest + (largest - smallest) * random_uniform(key, 4 * i));
  const double low = i % 3 == 0 || !two_parts ? 0.0 : (random_uniform(key, 4 * i + 1) - 0.5) * 0x1p-53 * high;
  const Twofold x = Twofold::ordered_sum(high, low);
  return negative && random_bits(key, 4 * i + 2)[0] % 2 == 0 ? -x : x;
}

struct Block {
  std::string name;
  std::function<Twofold(Twofold)> function;
  std::function<Real(const Real&)> expected;
  double smallest, largest;  ///< exponents of the argument
  bool negative;             ///< both signs
  double bound;              ///< log2 of the relative error
  bool two_parts = true;     ///< arguments with a low part
};

Real one() { return Real(1.0L); }

Real normal_upper(const Real& x) { return Real::apply(mpfr_erfc, x / Real::apply(mpfr_sqrt, Real(2.0L))) / Real(2.0L); }

const std::vector<Block> blocks = {
    {"sqrt", [](Twofold x) { return sqrt(x); }, [](const Real& x) { return Real::apply(mpfr_sqrt, x); }, -300, 300, false, -103},
    {"exp", [](Twofold x) { return exp(x); }, [](const Real& x) { return Real::apply(mpfr_exp, x); }, -300, 9.28, true, -99},
    {"expm1", [](Twofold x) { return expm1(x); }, [](const Real& x) { return Real::apply(mpfr_expm1, x); }, -300, 9.28, true, -99},
    {"log", [](Twofold x) { return log(x); }, [](const Real& x) { return Real::apply(mpfr_log, x); }, -300, 300, false, -99},
    {"log_beside_1", [](Twofold x) { return log(1.0 + x); },
     [](const Real& x) { return Real::apply(mpfr_log, real(1.0 + twofold(x))); },
     -40, -1, true, -99},
    {"log1p", [](Twofold x) { return log1p(x); }, [](const Real& x) { return Real::apply(mpfr_log1p, x); }, -300, 300, false, -99},
    {"log1p_of_negative", [](Twofold x) { return log1p(-x); }, [](const Real& x) { return Real::apply(mpfr_log1p, -x); }, -300, -0.001, false, -99},
    {"log1p_shortfall", [](Twofold x) { return log1p_shortfall(x, 400.0); },
     [](const Real& x) { return x - Real::apply(mpfr_log1p, Real(400.0L) * x) / Real(400.0L); }, -100, 100, false, -97},
    {"softplus", [](Twofold x) { return softplus(x); }, [](const Real& x) { return Real::apply(mpfr_log1p, Real::apply(mpfr_exp, x)); }, -300, 9.28, true, -99},
    {"tanh", [](Twofold x) { return tanh(x); }, [](const Real& x) { return Real::apply(mpfr_tanh, x); }, -300, 9, true, -99},
    {"sigmoid", [](Twofold x) { return sigmoid(x); }, [](const Real& x) { return one() / (one() + Real::apply(mpfr_exp, -x)); }, -300, 9.28, true, -99},
    {"sigmoid_slope", [](Twofold x) { return sigmoid_slope(x, 3.0); },
     [](const Real& x) { return Real(3.0L) / (one() + Real::apply(mpfr_exp, -x)) / (one() + Real::apply(mpfr_exp, x)); }, -300, 9.28, true, -99},
    {"tanh_slope", [](Twofold x) { return tanh_slope(x); }, [](const Real& x) { return Real::apply(mpfr_sqr, one() / Real::apply(mpfr_cosh, x)); }, -300, 8.28, true, -99},
    {"gaussian", [](Twofold x) { return gaussian(x).value; }, [](const Real& x) { return Real::apply(mpfr_exp, Real(-0.5L) * x * x); }, -300, 5.1, true, -95},
    {"mills", [](Twofold x) { return mills(x); }, [](const Real& x) { return normal_upper(x) * Real::apply(mpfr_exp, Real(0.5L) * x * x); }, -300, 6, false, -96},
    {"normal_distribution", [](Twofold x) { return tailed_normal_distribution(x).value; }, [](const Real& x) { return normal_upper(-x); }, -300, 5.1, true, -95},
    {"erf", [](Twofold x) { return erf(x); }, [](const Real& x) { return Real::apply(mpfr_erf, x); }, -300, 6, true, -96},
    {"erfc", [](Twofold x) { return erfc(x); }, [](const Real& x) { return Real::apply(mpfr_erfc, x); }, -300, 4.6, true, -95},
    {"sin", [](Twofold x) { return sin(x); }, [](const Real& x) { return Real::apply(mpfr_sin, x); }, -300, 1023, true, -99, false},
    {"sin_of_ordinary_size", [](Twofold x) { return sin(x); }, [](const Real& x) { return Real::apply(mpfr_sin, x); }, -5, 12, true, -99},
    {"cos", [](Twofold x) { return cos(x); }, [](const Real& x) { return Real::apply(mpfr_cos, x); }, -300, 1023, true, -99, false},
    {"cos_of_ordinary_size", [](Twofold x) { return cos(x); }, [](const Real& x) { return Real::apply(mpfr_cos, x); }, -5, 12, true, -99},
    {"arctan", [](Twofold x) { return arctan(x); }, [](const Real& x) { return Real::apply(mpfr_atan, x); }, -300, 300, true, -98},
    {"arctan_of_ordinary_size", [](Twofold x) { return arctan(x); }, [](const Real& x) { return Real::apply(mpfr_atan, x); }, -6, 6, true, -98},
};

class Blocks : public testing::TestWithParam<Block> {};

TEST_P(Blocks, are_within_their_bound_of_mpfr) {
  verify::real_precision = 460;  // holds 1/2 + 2^-300 and its low part
  const Block& block = GetParam();
  double worst = -std::numeric_limits<double>::infinity();
  Twofold where = 0.0;
  for (uint64_t i = 0; i < samples; ++i) {
    const Twofold x = argument(17, i, block.smallest, block.largest, block.negative, block.two_parts);
    const Twofold y = block.function(x);
    ASSERT_EQ(y.high, y.high + y.low) << std::hexfloat << x.high;
    const double error = error_bits(y, block.expected(real(x)));
    if (error > worst) {
      worst = error;
      where = x;
    }
  }
  verify::real_precision = 128;
  RecordProperty("worst", std::to_string(worst));
  EXPECT_LE(worst, block.bound) << std::hexfloat << "at " << where.high << " + " << where.low;
}

INSTANTIATE_TEST_SUITE_P(Twofold, Blocks, testing::ValuesIn(blocks), [](const auto& block) { return block.param.name; });

TEST(TwofoldNumber, arithmetic_is_within_its_bound_of_mpfr) {
  verify::real_precision = 1200;
  double worst = -1000;
  for (uint64_t i = 0; i < samples; ++i) {
    const Twofold a = argument(1, i, -300, 300, true, true), b = i % 2 == 0 ? argument(2, i, -300, 300, true, true) : a * (1.0 + argument(3, i, -60, 0, true, true));
    const double errors[] = {error_bits(a + b, real(a) + real(b)), error_bits(a - b, real(a) - real(b)), error_bits(a * b, real(a) * real(b)),
                             error_bits(a / b, real(a) / real(b))};
    for (const double error : errors) worst = std::max(worst, error);
  }
  verify::real_precision = 128;
  EXPECT_LE(worst, -103.5);
}

TEST(TwofoldNumber, is_exact_where_two_parts_suffice) {
  const Twofold tiny = 0x1p-149;
  EXPECT_TRUE((1.0 / (1.0 + exp(-tiny)) == Twofold(0.5, 0x1p-151)).raw);
  EXPECT_TRUE((sqrt(Twofold(1.0, 0x1p-298)) == Twofold(1.0, 0x1p-299)).raw);
  EXPECT_TRUE((tiny * Twofold(0.5, 0x1p-151) == Twofold(0x1p-150, 0x1p-300)).raw);
  EXPECT_TRUE((Twofold(21.0) * 0x1p-25 / 6.0 == Twofold(3.5 * 0x1p-25)).raw);
  EXPECT_TRUE((constant<Twofold>(inverse_sqrt_2_pi, inverse_sqrt_2_pi_low) == Twofold(inverse_sqrt_2_pi, inverse_sqrt_2_pi_low)).raw);
}

TEST(TwofoldNumber, keeps_the_sign_of_what_underflows_and_has_no_nan_beyond_its_range) {
  EXPECT_TRUE(std::signbit((Twofold(-0x1p-700) * 0x1p-700).high));
  EXPECT_TRUE(std::signbit((Twofold(-0x1p-700) / 0x1p700).high));
  EXPECT_TRUE(std::signbit((Twofold(-0.0) + -0.0).high));
  const Twofold huge = 0x1p700, infinite = huge * huge;
  for (const Twofold y : {infinite, infinite + 1.0, infinite * 2.0, huge / 0.0, sqrt(infinite)}) {
    EXPECT_EQ(y.high, std::numeric_limits<double>::infinity());
    EXPECT_EQ(y.low, 0);
  }
  EXPECT_EQ((1.0 / infinite).high, 0);
}

TEST(TwofoldNumber, compares_and_splits_by_both_parts) {
  const Twofold below{2.0, -0x1p-60}, above{2.0, 0x1p-60};
  EXPECT_TRUE((below < above).raw);
  EXPECT_TRUE((above >= below).raw);
  EXPECT_TRUE((max(below, above) == above).raw);
  EXPECT_EQ(exponent(below).high, 0);
  EXPECT_EQ(exponent(above).high, 1);
  EXPECT_TRUE((mantissa(below) == below).raw);
  EXPECT_TRUE((mantissa(above) == Twofold(1.0, 0x1p-61)).raw);
  EXPECT_EQ(round(Twofold(2.5, 0x1p-60)).high, 3);
  EXPECT_EQ(round(Twofold(2.5, 0.0)).high, 2);
  EXPECT_EQ(round(Twofold(3.5, -0x1p-60)).high, 3);
}

}  // namespace
}  // namespace rectify::activation
