// Pieces of the report's page. Part of the report, not of the public interface.
#pragma once

#include <string>
#include <string_view>

#include "rectify/report/run_figures.h"

namespace rectify::report {

/// <name attributes>content</name>; the content is markup already.
std::string element(std::string_view name, std::string_view content, std::string_view attributes = "");

/// Text in the typeface of specifications.
std::string code(std::string_view text);

/// A picture with its caption.
std::string figure(const Figure& figure, std::string_view attributes = "");

}  // namespace rectify::report
