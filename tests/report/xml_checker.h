// A checker of well-formed XML for what the report writes: tags that match, attributes in quotes, no stray characters, known entities.
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::report {

/// The first thing that is wrong, or nothing.
inline std::string xml_problem(std::string_view text) {
  std::vector<std::string> open;
  size_t i = 0, roots = 0;
  const auto near = [&] { return " near \"" + std::string(text.substr(i, 60)) + "\""; };
  if (text.starts_with("<!DOCTYPE html>")) i = 15;
  const auto entity_is_known = [&] {
    for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
      if (text.substr(i).starts_with(entity)) return true;
    }
    return false;
  };
  while (i < text.size()) {
    if (text[i] != '<') {
      if (open.empty() && text[i] != '\n') return "text outside of the root" + near();
      if (text[i] == '&' && !entity_is_known()) return "a bare ampersand" + near();
      ++i;
      continue;
    }
    if (text.substr(i).starts_with("</")) {
      const size_t end = text.find('>', i);
      if (end == std::string_view::npos) return "an unfinished end tag" + near();
      const std::string name(text.substr(i + 2, end - i - 2));
      if (open.empty() || open.back() != name) return "an end tag that does not match" + near();
      open.pop_back();
      i = end + 1;
      continue;
    }
    if (open.empty() && roots++ > 0) return "a second root" + near();
    size_t end = i + 1;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])))) ++end;
    const std::string name(text.substr(i + 1, end - i - 1));
    if (name.empty()) return "a bare '<'" + near();
    std::vector<std::string> attributes;
    for (i = end; i < text.size() && text[i] != '>' && text[i] != '/';) {
      if (text[i] == ' ') {
        ++i;
        continue;
      }
      const size_t equals = text.find('=', i);
      if (equals == std::string_view::npos || equals + 1 >= text.size() || text[equals + 1] != '"') return "an attribute without quotes" + near();
      const std::string attribute(text.substr(i, equals - i));
      for (const std::string& other : attributes) {
        if (other == attribute) return "the attribute " + attribute + " twice" + near();
      }
      attributes.push_back(attribute);
      i = equals + 2;
      while (i < text.size() && text[i] != '"') {
        if (text[i] == '<' || (text[i] == '&' && !entity_is_known())) return "an unescaped character in an attribute" + near();
        ++i;
      }
      ++i;
    }
    if (i >= text.size()) return "an unfinished tag";
    if (text[i] == '/') {
      i += 2;
    } else {
      open.push_back(name);
      ++i;
    }
  }
  return open.empty() ? (roots == 1 ? "" : "no root") : "the element " + open.back() + " is not closed";
}

/// Numbers that no viewer can draw.
inline bool has_bad_number(std::string_view svg) {
  for (const char* attribute : {" x", " y", " x1", " x2", " y1", " y2", " cx", " cy", " r", " d", " width", " height", " viewBox"}) {
    const std::string begin = std::string(attribute) + "=\"";
    for (size_t i = svg.find(begin); i != std::string_view::npos; i = svg.find(begin, i + 1)) {
      const std::string_view value = svg.substr(i + begin.size(), svg.find('"', i + begin.size()) - i - begin.size());
      if (value.find("nan") != std::string_view::npos || value.find("inf") != std::string_view::npos) return true;
    }
  }
  return false;
}

}  // namespace rectify::report
