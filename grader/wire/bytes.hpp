// Reading and writing of plain bytes: the bottom of the wire.
//
// A Reader takes bytes that a hostile process may have written: every length is checked against
// what is left before anything is allocated, nothing recurses with the data, and the first thing
// that does not fit throws Malformed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace kata::wire {

/// The bytes are not what the signature says they must be. Derives from nothing (DESIGN: losing the
/// worker can never satisfy a check for a thrown error).
struct Malformed {
  std::string what;
};

class Writer {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) { put_bytes(&value, sizeof value); }
  void put_bytes(const void* data, std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    if (size != 0) std::memcpy(bytes_.data() + at, data, size);
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    T value;
    std::memcpy(static_cast<void*>(&value), take(sizeof value), sizeof value);
    return value;
  }
  /// The next `size` bytes, in place.
  const std::byte* take(std::size_t size) {
    if (size > rest_.size()) throw Malformed{"the reply ends early"};
    const std::byte* at = rest_.data();
    rest_ = rest_.subspan(size);
    return at;
  }
  /// A count of elements of at least `element_size` bytes each: never more than what is left.
  std::size_t count(std::size_t element_size) {
    const auto n = get<std::uint64_t>();
    if (n > rest_.size() / element_size) throw Malformed{"the reply announces more than it holds"};
    return static_cast<std::size_t>(n);
  }
  std::size_t left() const { return rest_.size(); }
  void finish() const {
    if (!rest_.empty()) throw Malformed{"the reply has bytes left over"};
  }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace kata::wire
