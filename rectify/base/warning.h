// Warnings of the library go to a sink that the program sets; without one they are dropped. The library never prints.
#pragma once

#include <functional>
#include <string_view>

namespace rectify {

using WarningSink = std::function<void(std::string_view message)>;

/// Replaces the sink for the whole process and returns the one before. The sink may be called from any thread, one call at a time.
WarningSink set_warning_sink(WarningSink sink);

/// Hands `message` (`[function] what was noticed. What to do.`) to the sink.
void warn(std::string_view message);

}  // namespace rectify
