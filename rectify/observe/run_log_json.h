// The log of a run as JSON text and back: what run.json holds beside the settings.
#pragma once

#include <string>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/observe/run_log.h"

namespace rectify::observe {

/// One JSON object without line breaks. Numbers read back to the same bits; NaN and the infinities, for which JSON has no numbers, are the
/// texts "nan", "inf" and "-inf". Names that are not UTF-8 have the offending bytes replaced.
std::string to_json(const RunLog& log);

/// The inverse. The failure names the field that is missing or of the wrong kind.
Result<RunLog> run_log_from_json(std::string_view text);

}  // namespace rectify::observe
