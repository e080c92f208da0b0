#include "rectify/format/digest.h"

#include <openssl/evp.h>

#include <array>

#include "rectify/base/error.h"

namespace rectify::format {
namespace {

void check(int status) {
  if (status != 1) throw Error("[Sha256] the cryptographic library refused SHA-256. Check its configuration.");
}

std::string little_endian(uint64_t number) {
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  check(state_->context ? 1 : 0);
  check(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view bytes) {
  check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
  return *this;
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  check(EVP_DigestFinal_ex(state_->context, digest.data(), &size));
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

std::string sha256(std::string_view bytes) { return Sha256().update(bytes).finish(); }

std::string weights_sha256(std::span<const NamedTensor> tensors) {
  Sha256 hash;
  for (const auto& [tensor_name, tensor] : tensors) {
    std::string elements;
    append_element_bytes(elements, tensor);
    const std::string_view dtype = name(tensor.dtype());
    hash.update(little_endian(tensor_name.size())).update(tensor_name).update(little_endian(dtype.size())).update(dtype);
    hash.update(little_endian(static_cast<uint64_t>(tensor.rank())));
    for (const int64_t size : tensor.shape().sizes()) hash.update(little_endian(static_cast<uint64_t>(size)));
    hash.update(elements);
  }
  return hash.finish();
}

}  // namespace rectify::format
