// A watch's log as JSON and back: what run.json holds under log.watch. Not installed, as json_field.h.
#pragma once

#include "rectify/observe/json_field.h"
#include "rectify/observe/watch_log.h"

namespace rectify::observe {

/// What was not measured is left out. Numbers read back to the same bits.
Json to_json(const WatchLog& log);

/// The inverse. Throws ArgumentError naming the field that is missing, of the wrong kind, or of the wrong number of entries.
WatchLog watch_log(const Field& field);

}  // namespace rectify::observe
