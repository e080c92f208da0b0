// Small helpers for names and messages of the data layer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// Whether `text` is valid UTF-8. Names and labels must be: they go into JSON and pictures.
bool is_utf8(std::string_view text);

/// 'text', shortened if long and with unprintable characters as '?'.
std::string in_quotes(std::string_view text);

/// "a, b, c", shortened after twenty names.
std::string listed(const std::vector<std::string>& names);

}  // namespace rectify::data
