// The words for what properties() finds.
#include "rectify/activation/properties.h"

namespace rectify::activation {

std::string_view name(Smoothness smoothness) {
  constexpr std::string_view names[] = {"discontinuous", "C0", "C1", "C2", "C-infinity"};
  return names[static_cast<size_t>(smoothness)];
}

std::string_view name(Monotone monotone) {
  constexpr std::string_view names[] = {"no", "constant", "non-decreasing", "increasing", "non-increasing", "decreasing"};
  return names[static_cast<size_t>(monotone)];
}

std::string_view name(Bend bend) {
  constexpr std::string_view names[] = {"neither convex nor concave", "convex", "concave", "affine"};
  return names[static_cast<size_t>(bend)];
}

std::string_view name(Symmetry symmetry) {
  constexpr std::string_view names[] = {"neither odd nor even", "odd", "even"};
  return names[static_cast<size_t>(symmetry)];
}

std::string_view name(Saturation saturation) {
  constexpr std::string_view names[] = {"none", "soft", "hard"};
  return names[static_cast<size_t>(saturation)];
}

std::string_view name(Stability stability) {
  constexpr std::string_view names[] = {"stable", "neutral", "unstable"};
  return names[static_cast<size_t>(stability)];
}

}  // namespace rectify::activation
