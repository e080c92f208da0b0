#include "rectify/base/warning.h"

#include <mutex>
#include <utility>

namespace rectify {
namespace {
std::mutex sink_mutex;
WarningSink& sink() {
  static WarningSink instance;
  return instance;
}
}  // namespace

WarningSink set_warning_sink(WarningSink replacement) {
  const std::lock_guard lock(sink_mutex);
  return std::exchange(sink(), std::move(replacement));
}

void warn(std::string_view message) {
  const std::lock_guard lock(sink_mutex);
  if (sink()) sink()(message);
}

}  // namespace rectify
