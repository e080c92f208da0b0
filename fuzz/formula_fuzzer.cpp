// Formulas: any text is parsed or refused; what is parsed is simplified, differentiated twice, compiled, and evaluated to the same bits by the kernel and by MPFR.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rectify/activation/formula.h"
#include "rectify/kernel/pointwise.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rectify;
  if (size < 1 || size > 300) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::pair<std::string, double> parameters[] = {{"a", 0.75}, {"b", -2.0}};
  const auto parsed = activation::Formula::parse(text, parameters);
  if (!parsed) return parsed.error().empty() ? std::abort(), 0 : 0;

  activation::Function f{.id = activation::Id::formula, .formula = *parsed};
  f.parameters[0] = 0.75, f.parameters[1] = -2.0;
  const activation::Derivative derivatives[] = {activation::value_itself, activation::slope, activation::curvature, {.parameter = 1, .which = 0}, {.x = 1, .parameter = 1, .which = 1}};
  const activation::Derivative derivative = derivatives[data[0] % std::size(derivatives)];
  const float x[] = {-3.5f, -0.0f, 0x1.234p-3f, 1.0f, 2.75f};
  float y[std::size(x)];
  kernel::pointwise_here<float>(f, derivative, x, nullptr, y, std::size(x));
  for (size_t i = 0; i < std::size(x); ++i) {
    const float exact = f.formula->compiled(derivative).exact.evaluate<float>(x[i], f.parameters);
    const bool undecided = y[i] == 0 && exact == 0;  // a zero that no precision tells from its neighbours may have either sign
    if (std::bit_cast<uint32_t>(y[i]) != std::bit_cast<uint32_t>(exact) && !undecided) std::abort();
  }
  return 0;
}
