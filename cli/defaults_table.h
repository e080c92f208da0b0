// The defaults of the catalogue beside those of other libraries, as Markdown: docs/defaults.md.
#pragma once

#include <string>

namespace rectify::cli {

/// The whole document.
std::string defaults_document();

}  // namespace rectify::cli
