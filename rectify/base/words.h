// Texts that hold several names, and names that are compared without regard to case and separators.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify {

/// The words of a text between its spaces.
std::vector<std::string_view> words(std::string_view text);

/// A name in small letters without '_', '-' and ' ': "Leaky-ReLU" and "leaky_relu" are the same.
std::string folded(std::string_view name);

}  // namespace rectify
