// A reader of relocatable ELF files that trusts nothing: every offset and size is checked before it
// is used, and a file that contradicts itself is refused.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kata::builder {

/// The bytes are no object that we read. The text says why, in lower case, without a full stop.
struct ElfError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Section {
  std::string name;
  std::uint32_t type = 0;
  std::uint64_t flags = 0, size = 0, alignment = 0;
};

struct Symbol {
  std::string name;
  unsigned binding = 0, type = 0;
  std::uint16_t section = 0;  // an index, or one of the reserved numbers
  std::uint64_t size = 0;

  bool is_local() const;
  bool is_defined() const;
};

struct Object {
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
};

/// Throws ElfError.
Object read_object(std::string_view bytes);

/// A C++ name as in the source; the name itself if it is none.
std::string demangle(const std::string& name);

}  // namespace kata::builder
