// Formulas beside the catalogue: the textbook's text, as somebody writes it who knows nothing of cancellation and overflow, has the bits of the catalogue's file.
#include "rectify/activation/formula.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>

#include "rectify/activation/exact.h"
#include "rectify/activation/limits.h"
#include "rectify/kernel/pointwise.h"
#include "tests/activation/catalogue_cases.h"
#include "tests/kernel/kernel_support.h"
#include "tests/support/stratified.h"

namespace rectify::kernel {
namespace {

using activation::Derivative;
using activation::formula;
using activation::Function;
using activation::Id;

/// The textbook's texts in the catalogue's parameters. Activations that are not here are written as their Spec has them.
const std::multimap<std::string, std::string> textbook = {
    {"relu", "where(x > 0, x, 0)"},
    {"hardswish", "x*min(max(x + 3, 0), 6)/6"},
    {"sigmoid", "1/(1 + exp(-a*x))"},
    {"sigmoid", "exp(a*x)/(1 + exp(a*x))"},
    {"scaled_sigmoid", "4/(1 + exp(-x)) - 2"},
    {"bipolar_sigmoid", "(1 - exp(-x))/(1 + exp(-x))"},
    {"tanh", "(exp(x) - exp(-x))/(exp(x) + exp(-x))"},
    {"tanh", "(exp(2*x) - 1)/(exp(2*x) + 1)"},
    {"tanh", "2/(1 + exp(-2*x)) - 1"},
    {"scaled_tanh", "alpha*(exp(beta*x) - exp(-beta*x))/(exp(beta*x) + exp(-beta*x))"},
    {"elu", "where(x > 0, x, alpha*(exp(x) - 1))"},
    {"celu", "max(0, x) + min(0, alpha*(exp(x/alpha) - 1))"},
    {"selu", "1.0507009873554804934193349852946*where(x > 0, x, 1.6732632423543772848170429916717*(exp(x) - 1))"},
    {"softplus", "log(1 + exp(beta*x))/beta"},
    {"logsigmoid", "log(1/(1 + exp(-x)))"},
    {"smooth_relu", "where(x > 0, x - log(1 + alpha*x)/alpha, 0)"},
    {"silu", "x/(1 + exp(-x))"},
    {"swish", "x/(1 + exp(-beta*x))"},
    {"mish", "x*tanh(log(1 + exp(x)))"},
    {"mish", "x*((1 + exp(x))^2 - 1)/((1 + exp(x))^2 + 1)"},
    {"gelu", "x/2*(1 + erf(x/sqrt(2)))"},
    {"gelu_tanh", "0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))"},
    {"quick_gelu", "x/(1 + exp(-1.702*x))"},
    {"serf", "x*erf(log(1 + exp(x)))"},
    {"logish", "x*log(1 + 1/(1 + exp(-x)))"},
    {"tanh_exp", "x*(exp(2*exp(x)) - 1)/(exp(2*exp(x)) + 1)"},
    {"tanhshrink", "x - (exp(x) - exp(-x))/(exp(x) + exp(-x))"},
    {"lisht", "x*(exp(x) - exp(-x))/(exp(x) + exp(-x))"},
    {"elish", "where(x >= 0, x/(1 + exp(-x)), (exp(x) - 1)/(1 + exp(-x)))"},
    {"laplace", "0.5*(1 + erf((x - mu)/(sigma*sqrt(2))))"},
    {"pssilu", "x*(1/(1 + exp(-alpha*x)) - beta)/(1 - beta)"},
    {"xielu", "where(x > 0, alpha_p*x^2 + beta*x, alpha_n*(exp(x) - 1) - alpha_n*x + beta*x)"},
    {"acon_c", "(p1 - p2)*x/(1 + exp(-beta*(p1 - p2)*x)) + p2*x"},
    {"softshrink", "sign(x)*max(abs(x) - lambd, 0)"},
    {"softshrink", "where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))"},
    {"hardshrink", "where(x > lambd, x, where(x < -lambd, x, 0))"},
    {"softsign", "x/(1 + abs(x))"},
    {"snake", "x + (1 - cos(2*frequency*x))/(2*frequency)"},
};

std::vector<std::pair<std::string, double>> parameters_of(Id id) {
  std::vector<std::pair<std::string, double>> result;
  const activation::Spec& spec = activation::spec(id);
  for (int i = 0; i < spec.parameter_count(); ++i) result.emplace_back(spec.parameters[i].name, spec.parameters[i].default_value);
  return result;
}

std::vector<Function> formulas_of(Id id) {
  const activation::Spec& spec = activation::spec(id);
  std::vector<Function> result{formula(spec.formula, parameters_of(id))};
  const auto [begin, end] = textbook.equal_range(std::string(spec.name));
  for (auto text = begin; text != end; ++text) result.push_back(formula(text->second, parameters_of(id)));
  return result;
}

template <class T>
std::vector<T> applied(const Function& f, Derivative derivative, const std::vector<T>& x, const T* g = nullptr) {
  std::vector<T> y(x.size());
  pointwise<T>(f, derivative, x.data(), g, y.data(), static_cast<int64_t>(x.size()));
  return y;
}

/// Patterns from everywhere, a quarter of them numbers whose exponential overflows even MPFR; zeros, infinities and NaN.
std::vector<float> patterns(int count) {
  std::vector<float> x = test::stratified_floats(count, 17);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  x.insert(x.end(), {0.0f, -0.0f, infinity, -infinity, std::numeric_limits<float>::quiet_NaN()});
  return x;
}

/// And the special ones, each once.
std::vector<float> all_patterns(int count) {
  std::vector<float> x = patterns(count);
  const std::vector<float> special = test::special_floats();
  x.insert(x.end(), special.begin(), special.end());
  const auto bits = [](float v) { return std::bit_cast<uint32_t>(v); };
  std::ranges::sort(x, {}, bits);
  x.erase(std::ranges::unique(x, {}, bits).begin(), x.end());
  return x;
}

int64_t ulps_between(float a, float b) {
  const auto place = [](float v) {
    const int32_t bits = std::bit_cast<int32_t>(v);
    return static_cast<int64_t>(bits < 0 ? std::numeric_limits<int32_t>::min() - static_cast<int64_t>(bits) : bits);
  };
  return std::abs(place(a) - place(b));
}

class Textbook : public testing::TestWithParam<Id> {};

TEST_P(Textbook, text_has_the_bits_of_the_catalogue) {
  const char* wanted = std::getenv("RECTIFY_TEST_PATTERNS");
  const std::vector<float> x = all_patterns(wanted != nullptr ? std::atoi(wanted) : 1 << 18);
  const std::vector<float> expected = applied(activation::make(GetParam()), activation::value_itself, x);
  for (const Function& f : formulas_of(GetParam())) {
    const std::vector<float> y = applied(f, activation::value_itself, x);
    int64_t different = 0, worst = 0;
    float example = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      if (std::bit_cast<uint32_t>(y[i]) == std::bit_cast<uint32_t>(expected[i])) continue;
      if (different++ == 0) example = x[i];
      worst = std::max(worst, ulps_between(y[i], expected[i]));
    }
    EXPECT_LE(static_cast<double>(different), 1e-5 * static_cast<double>(x.size())) << to_string(f) << " differs at " << example << " and elsewhere";
    EXPECT_LE(worst, 1) << to_string(f) << " at " << example;
  }
}

TEST_P(Textbook, derivatives_are_those_of_the_catalogue) {
  std::vector<float> x = all_patterns(1 << 11);
  const Function own = activation::make(GetParam());
  // At a kink the catalogue has a convention; an infinity is a limit there, too.
  const std::vector<double> kinks = activation::kinks(own);
  std::erase_if(x, [&](float v) { return std::ranges::find(kinks, static_cast<double>(v)) != kinks.end() || !std::isfinite(v) || v == 0; });
  const Function f = formulas_of(GetParam()).back();
  for (const Derivative derivative : {activation::slope, activation::curvature}) {
    const std::vector<float> expected = applied(own, derivative, x), y = applied(f, derivative, x);
    int64_t different = 0;
    float example = 0;
    // Where terms must cancel the catalogue's curvature may be off by a little; zeros of a flat part have no sign.
    for (size_t i = 0; i < x.size(); ++i) {
      if (ulps_between(y[i], expected[i]) > 0 && different++ == 0) example = x[i];
    }
    EXPECT_LE(static_cast<double>(different), 1e-3 * static_cast<double>(x.size())) << to_string(f) << " order " << derivative.x << " at " << example;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Textbook, testing::ValuesIn(activation::all().begin(), activation::all().end()), activation::case_name);

/// Formulas that use every instruction in every way: plain and careful, with errors on either side, comparisons that are not exact, and what leaves float64.
const Function probes[] = {
    formula("x/(1 + exp(-x))"),
    formula("x*tanh(log(1 + exp(beta*x)))", {{"beta", 0.75}}),
    formula("where(exp(x) < 1 + x^2, log(1 + x^2) - x, sqrt(abs(x))/(1 + x^4))"),
    formula("min(exp(x) - 1, x - tanh(x)) + max(sin(x), erf(x)*cos(3*x))"),
    formula("sign(x - 1)*arctan(x)/log(2 + x^2) - exp(-x^2)*erfc(x/3) + Phi(x)*softplus(a*x + b)", {{"a", 2.5}, {"b", -1}}),
    formula("(exp(exp(x)) - 1)/(exp(exp(x)) + x)"),
    formula("where(x == 2, 7, 1/x) - x^-2 + where(sigmoid(x) <= 1/2, x, log(x))"),
    formula("max(sqrt(exp(x) - 2.718281828459), 0) - min(log(exp(x) - 2.718281828459), 5)"),
    formula("max(0, sqrt(exp(x) - 2.718281828459)) - min(5, log(exp(x) - 2.718281828459))"),
    formula("x*(x + 3)/6"),
    formula("min(max(x, a), 6)", {{"a", -0.5}}),
    formula("where(abs(x) <= 0.5, -x, sign(x))"),
};

TEST(FormulaKernel, gives_the_same_bits_on_every_target_and_thread_count) {
  const std::vector<float> x = patterns(1 << 9);
  std::vector<double> wide(x.begin(), x.end());
  std::vector<float> g(x.size());
  for (size_t i = 0; i < g.size(); ++i) g[i] = static_cast<float>(random_uniform({.seed = 8}, i) - 0.5);
  for (const Function& f : probes) {
    SCOPED_TRACE(to_string(f));
    for (const Derivative derivative : {activation::value_itself, activation::slope}) {
      const std::vector<float> y = applied(f, derivative, x), backward = applied(f, derivative, x, g.data());
      const std::vector<double> y_wide = applied(f, derivative, wide);
      for (const std::string& target : available_targets()) {
        set_target(target);
        EXPECT_TRUE(same_bits(applied(f, derivative, x), y)) << target;
        EXPECT_TRUE(same_bits(applied(f, derivative, x, g.data()), backward)) << target;
        EXPECT_TRUE(same_bits(applied(f, derivative, wide), y_wide)) << target;
      }
      set_target("auto");
    }
  }
}

TEST(FormulaKernel, rounds_float32_correctly_and_keeps_float64) {
  std::vector<float> x = patterns(1 << 9);
  for (int i = -64; i <= 64; ++i) x.push_back(1 + static_cast<float>(i) * 0x1p-23f);  // where exp(x) - e cancels
  for (int i = -64; i <= 64; ++i) x.push_back(static_cast<float>(i) * 0x1p-4f);       // with ties, and zeros among others
  for (int i = 0; i < 2000; ++i) x.push_back(static_cast<float>(16 * (random_uniform({.seed = 5}, static_cast<uint64_t>(i)) - 0.5)));
  for (const Function& f : probes) {
    SCOPED_TRACE(to_string(f));
    for (const Derivative derivative : {activation::value_itself, activation::slope}) {
      const activation::Exact& exact = f.formula->compiled(derivative).exact;
      const std::vector<float> y = applied(f, derivative, x);
      const std::vector<double> wide(x.begin(), x.end()), y_wide = applied(f, derivative, wide);
      for (size_t i = 0; i < x.size(); ++i) {
        const float expected = exact.evaluate<float>(x[i], f.parameters);
        ASSERT_EQ(std::bit_cast<uint32_t>(y[i]), std::bit_cast<uint32_t>(expected)) << "at " << x[i] << ": " << y[i] << ", not " << expected;
        const double nearest = exact.evaluate<double>(wide[i], f.parameters);
        if (std::isfinite(nearest)) {
          ASSERT_LE(std::fabs(y_wide[i] - nearest), std::fabs(nearest) * 0x1p-48) << "at " << x[i];
        } else {
          ASSERT_EQ(std::bit_cast<uint64_t>(y_wide[i]), std::bit_cast<uint64_t>(nearest)) << "at " << x[i];
        }
      }
    }
  }
}

TEST(FormulaKernel, the_factor_multiplies_before_the_only_rounding) {
  const Function f = formula("x*tanh(log(1 + exp(x)))");
  const activation::Exact& exact = f.formula->compiled(activation::slope).exact;
  const std::vector<float> x = patterns(1 << 9);
  for (const float factor : {1.25f, -0.7f, 0.0f, 3e38f, 1e-42f}) {
    const std::vector<float> g(x.size(), factor), y = applied(f, activation::slope, x, g.data());
    for (size_t i = 0; i < x.size(); ++i) {
      if (!std::isfinite(x[i])) continue;
      const float expected = exact.evaluate<float>(x[i], f.parameters, factor);
      ASSERT_EQ(y[i], expected) << x[i] << " times " << factor;
    }
  }
}

TEST(FormulaKernel, length_alignment_and_place_do_not_matter) {
  const std::vector<float> x = patterns(256);
  for (const Function& f : {probes[0], probes[2]}) {
    const std::vector<float> y = applied(f, activation::value_itself, x);
    for (size_t length = 1; length <= 67; ++length) {
      for (const size_t offset : {size_t{0}, size_t{1}, size_t{7}}) {
        std::vector<float> out(length + 2, -77.0f);
        pointwise_here<float>(f, activation::value_itself, x.data() + offset, nullptr, out.data() + 1, static_cast<int64_t>(length));
        ASSERT_EQ(out.front(), -77.0f);
        ASSERT_EQ(out.back(), -77.0f) << "written past the end at length " << length;
        ASSERT_EQ(std::memcmp(out.data() + 1, y.data() + offset, length * sizeof(float)), 0) << length << " " << offset;
      }
    }
    std::vector<float> in_place = x;
    pointwise<float>(f, activation::value_itself, in_place.data(), nullptr, in_place.data(), static_cast<int64_t>(in_place.size()));
    EXPECT_TRUE(same_bits(in_place, y));
  }
}

TEST(FormulaKernel, sixteen_bits_are_rounded_correctly) {
  const Function f = formula("x*tanh(log(1 + exp(x)))"), own = activation::make(Id::mish);
  std::vector<Float16> x(1 << 16), y(x.size()), expected(x.size());
  for (size_t i = 0; i < x.size(); ++i) x[i].bits = static_cast<uint16_t>(i);
  pointwise<Float16>(f, activation::value_itself, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
  pointwise<Float16>(own, activation::value_itself, x.data(), nullptr, expected.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i].bits, expected[i].bits) << i;
}

TEST(FormulaKernel, parameters_far_from_1_are_served_exactly) {
  const std::vector<float> x{-3, -1, 0.5f, 2};
  const Function f = formula("x*sigmoid(beta*x)", {{"beta", 1e-30}});
  const std::vector<float> y = applied(f, activation::value_itself, x);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], x[i] / 2);
}

}  // namespace
}  // namespace rectify::kernel
