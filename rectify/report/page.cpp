#include "rectify/report/page.h"

namespace rectify::report {

std::string element(std::string_view name, std::string_view content, std::string_view attributes) {
  return "<" + std::string(name) + (attributes.empty() ? "" : " ") + std::string(attributes) + ">" + std::string(content) + "</" + std::string(name) + ">\n";
}

std::string code(std::string_view text) { return "<code>" + escape(text) + "</code>"; }

std::string figure(const Figure& figure, std::string_view attributes) {
  return element("figure", "\n" + figure.svg + (figure.caption.empty() ? "" : element("figcaption", escape(figure.caption))), attributes);
}

}  // namespace rectify::report
