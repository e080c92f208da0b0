// SHA-256 of bytes and of weights: how two runs are compared to the last bit.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rectify/format/named_tensor.h"

namespace rectify::format {

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::string_view bytes);
  /// The digest as 64 lower-case hexadecimal digits. Call it once, last.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// The digest by which weights are compared: SHA-256 over, for every tensor in the given order,
///   the length of its name in bytes, the name, the length of its dtype's name, that name ("float32"), its rank, its sizes, its elements,
/// where lengths, rank and sizes are 8 bytes each, and everything is little-endian; elements are row-major, and NaN has no payload.
/// It does not depend on the machine, nor on how the tensors are stored in a file. Throws ArgumentError for an undefined tensor.
std::string weights_sha256(std::span<const NamedTensor> tensors);

}  // namespace rectify::format
