// The few exception types of the library. Every message reads `[function] what was wrong, with the numbers. What to do.`
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace rectify {

/// Base of everything the library throws on purpose.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Sizes that do not go together.
struct ShapeError : Error {
  using Error::Error;
};

/// A number type that the function does not take.
struct DTypeError : Error {
  using Error::Error;
};

/// Any other misuse: a value out of its range, a name that does not exist, a malformed specification or file content.
struct ArgumentError : Error {
  using Error::Error;
};

/// The environment failed: a file is missing, unreadable, unwritable.
struct FileError : Error {
  using Error::Error;
};

/// Another process could not be reached or broke the protocol.
struct CommunicationError : Error {
  using Error::Error;
};

/// What went wrong in an operation that is expected to fail at times. `message` is complete: it can be shown as it is.
struct Failure {
  std::string message;
};

/// A value or the reason why there is none. For parsers of outside data and look-ups.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const std::string& error() const { return std::get<1>(state_).message; }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  /// The value; throws ArgumentError with the failure's message if there is none.
  T or_throw() && {
    if (!*this) throw ArgumentError(error());
    return std::get<0>(std::move(state_));
  }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace rectify
