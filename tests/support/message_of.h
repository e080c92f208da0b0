// What an action threw, as text to look into.
#pragma once

#include <exception>
#include <string>

namespace rectify::test {

/// The message of the expected exception, or what came instead.
template <class Expected, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const Expected& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
  return "no exception";
}

}  // namespace rectify::test
