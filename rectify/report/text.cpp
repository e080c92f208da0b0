#include <charconv>
#include <cmath>

#include "rectify/report/drawing.h"

namespace rectify::report {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// The length of the UTF-8 character at the beginning of `text`; 0 if there is none that XML may hold.
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  const size_t length = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  uint32_t code = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool forbidden = (code >= 0xD800 && code < 0xE000) || code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
  return too_long || forbidden ? 0 : length;
}

/// Share of the font's size that a character takes, between Arial and DejaVu Sans.
double advance(char character) {
  if (static_cast<unsigned char>(character) >= 0xC0) return 0.62;  // the first byte of a longer character
  if (static_cast<unsigned char>(character) >= 0x80) return 0;     // the rest of it
  if (std::string_view("iljI.,:;'|!").find(character) != std::string_view::npos) return 0.29;
  if (std::string_view("ftr()[]{}/ -").find(character) != std::string_view::npos) return 0.38;
  if (std::string_view("mwMW@%").find(character) != std::string_view::npos) return 0.9;
  if (character >= 'A' && character <= 'Z') return 0.7;
  return 0.61;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size();) {
    const size_t length = character_length(text.substr(i));
    if (length == 0) {
      escaped += replacement;
      ++i;
      continue;
    }
    switch (text[i]) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += text.substr(i, length);
    }
    i += length;
  }
  return escaped;
}

std::string fixed(double x, int places) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  char digits[400];
  const auto end = std::to_chars(digits, digits + sizeof digits, x, std::chars_format::fixed, places).ptr;
  std::string text(digits, end);
  if (text.find_first_not_of("-0.") == std::string::npos && text.front() == '-') text.erase(0, 1);
  return text;
}

std::string decimal(double x, int places) {
  std::string text = fixed(x, places);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

double text_width(std::string_view text, double size, bool bold) {
  double width = 0;
  for (const char character : text) width += advance(character);
  return width * size * (bold ? 1.15 : 1);
}

std::vector<std::string> wrap(std::string_view text, double size, double width, bool bold) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find(' ', begin);
    if (end == std::string_view::npos) end = text.size();
    const std::string word(text.substr(begin, end - begin));
    if (!word.empty()) {
      if (!lines.empty() && text_width(lines.back() + " " + word, size, bold) <= width) {
        lines.back() += " " + word;
      } else {
        lines.push_back(word);
      }
    }
    begin = end + 1;
  }
  return lines;
}

std::string shorten(std::string_view text, double size, double width) {
  if (text_width(text, size) <= width) return std::string(text);
  size_t length = text.size();
  while (length > 0 && text_width(text.substr(0, length), size) + size > width) {
    --length;
    // Never in the middle of a character.
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  }
  return std::string(text.substr(0, length)) + "\xE2\x80\xA6";
}

}  // namespace rectify::report
