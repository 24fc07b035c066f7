// Names in the cache: a hash of everything that an artefact is made from.
#pragma once

#include <sodium.h>

#include <array>
#include <string>
#include <string_view>

namespace kata::builder {

/// Fields are framed by their lengths: {"ab", "c"} and {"a", "bc"} differ.
class Hasher {
 public:
  Hasher() { crypto_generichash_init(&state_, nullptr, 0, kBytes); }

  Hasher& add(std::string_view field) {
    const unsigned long long size = field.size();
    update(&size, sizeof size);
    update(field.data(), field.size());
    return *this;
  }

  /// 40 hexadecimal digits: 160 bits.
  std::string hex() {
    std::array<unsigned char, kBytes> bytes{};
    crypto_generichash_final(&state_, bytes.data(), bytes.size());
    std::string text(kBytes * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
  }

 private:
  static constexpr std::size_t kBytes = 20;
  void update(const void* data, std::size_t size) {
    crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
  }
  crypto_generichash_state state_;
};

}  // namespace kata::builder
