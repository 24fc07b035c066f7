#include "builder/elf.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace kata::builder {
namespace {

constexpr std::size_t kLongestDemangled = 8192;

template <class T>
T at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
    throw ElfError("it ends too early");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view piece(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset)
    throw ElfError("a section reaches beyond its end");
  return bytes.substr(offset, size);
}

std::string text_at(std::string_view strings, std::uint32_t offset) {
  if (offset >= strings.size()) throw ElfError("a name lies outside of the names");
  const std::size_t end = strings.find('\0', offset);
  if (end == std::string_view::npos) throw ElfError("a name does not end");
  return std::string(strings.substr(offset, end - offset));
}

void check_header(const Elf64_Ehdr& header) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) throw ElfError("it is no ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    throw ElfError("it is not a 64-bit little-endian file");
  if (header.e_type != ET_REL) throw ElfError("it is not relocatable");
  if (header.e_phnum != 0) throw ElfError("it has program headers");
  if (header.e_shentsize != sizeof(Elf64_Shdr))
    throw ElfError("its section headers have a strange size");
  if (header.e_shnum == 0 || header.e_shnum >= SHN_LORESERVE)
    throw ElfError("it has no sections, or too many");
  if (header.e_shstrndx == 0 || header.e_shstrndx >= header.e_shnum)
    throw ElfError("its sections have no names");
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Object read() {
    const auto header = at<Elf64_Ehdr>(bytes_, 0);
    check_header(header);
    for (std::uint64_t i = 0; i < header.e_shnum; ++i)
      headers_.push_back(section_header(header.e_shoff, i));
    const std::string_view names = strings(header.e_shstrndx);
    for (const Elf64_Shdr& h : headers_) {
      if (h.sh_type != SHT_NOBITS && h.sh_type != SHT_NULL) piece(bytes_, h.sh_offset, h.sh_size);
      object_.sections.push_back({h.sh_type == SHT_NULL ? "" : text_at(names, h.sh_name), h.sh_type,
                                  h.sh_flags, h.sh_size, h.sh_addralign});
    }
    read_symbols();
    return std::move(object_);
  }

 private:
  Elf64_Shdr section_header(std::uint64_t table, std::uint64_t index) const {
    if (table > bytes_.size()) throw ElfError("it ends too early");
    return at<Elf64_Shdr>(bytes_, table + index * sizeof(Elf64_Shdr));
  }

  std::string_view strings(std::uint32_t index) const {
    if (index >= headers_.size() || headers_[index].sh_type != SHT_STRTAB)
      throw ElfError("a table of names is missing");
    return piece(bytes_, headers_[index].sh_offset, headers_[index].sh_size);
  }

  void read_symbols() {
    bool seen = false;
    for (const Elf64_Shdr& h : headers_) {
      if (h.sh_type == SHT_SYMTAB_SHNDX) throw ElfError("it has too many sections");
      if (h.sh_type != SHT_SYMTAB) continue;
      if (seen) throw ElfError("it has two tables of symbols");
      seen = true;
      read_table(h);
    }
  }

  void read_table(const Elf64_Shdr& h) {
    if (h.sh_entsize != sizeof(Elf64_Sym) || h.sh_size % sizeof(Elf64_Sym) != 0)
      throw ElfError("its symbols have a strange size");
    const std::string_view table = piece(bytes_, h.sh_offset, h.sh_size);
    const std::string_view names = strings(h.sh_link);
    for (std::uint64_t offset = sizeof(Elf64_Sym); offset < table.size();
         offset += sizeof(Elf64_Sym)) {
      const auto s = at<Elf64_Sym>(table, offset);
      if (s.st_shndx < SHN_LORESERVE && s.st_shndx >= headers_.size())
        throw ElfError("a symbol lies in a section that is not there");
      const unsigned info = s.st_info;
      object_.symbols.push_back(
          {text_at(names, s.st_name), info >> 4, info & 15, s.st_shndx, s.st_size});
    }
  }

  std::string_view bytes_;
  std::vector<Elf64_Shdr> headers_;
  Object object_;
};

}  // namespace

bool Symbol::is_local() const {
  return binding == STB_LOCAL;
}
bool Symbol::is_defined() const {
  return section != SHN_UNDEF;
}

Object read_object(std::string_view bytes) {
  return Reader(bytes).read();
}

std::string demangle(const std::string& name) {
  if (name.size() > kLongestDemangled || name.rfind("_Z", 0) != 0) return name;
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text ? std::string(text.get()) : name;
}

}  // namespace kata::builder
