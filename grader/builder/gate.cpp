#include "builder/gate.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>

#include "builder/binding.hpp"
#include "builder/elf.hpp"

namespace kata::builder {
namespace {

constexpr std::uint64_t kLargestData = std::uint64_t{64} << 20;    // with contents, together
constexpr std::uint64_t kLargestZeros = std::uint64_t{256} << 20;  // .bss, together
constexpr std::uint64_t kLargestAlignment = 4096;

Verdict forbidden(const std::string& message) {
  return {Verdict::Kind::forbidden, message};
}
Verdict refused(const std::string& message) {
  return {Verdict::Kind::compile_error, message};
}

// One kind of section that a compiler makes of ordinary code. `prefix` matches the name itself and
// the name followed by a dot.
struct Allowed {
  const char* prefix;
  std::uint32_t type;
  std::uint64_t must, may;  // flags
};

constexpr std::uint64_t kData = SHF_ALLOC | SHF_WRITE;
constexpr std::uint64_t kMerge = SHF_MERGE | SHF_STRINGS;
constexpr std::array<Allowed, 14> kAllowed = {{
    {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0},
    {".rodata", SHT_PROGBITS, SHF_ALLOC, kMerge},
    {".data", SHT_PROGBITS, kData, 0},
    {".bss", SHT_NOBITS, kData, 0},
    {".tdata", SHT_PROGBITS, kData | SHF_TLS, 0},
    {".tbss", SHT_NOBITS, kData | SHF_TLS, 0},
    {".init_array", SHT_INIT_ARRAY, kData, 0},
    {".fini_array", SHT_FINI_ARRAY, kData, 0},
    {".eh_frame", SHT_PROGBITS, SHF_ALLOC, 0},
    {".eh_frame", SHT_X86_64_UNWIND, SHF_ALLOC, 0},
    {".gcc_except_table", SHT_PROGBITS, SHF_ALLOC, 0},
    {".note.GNU-stack", SHT_PROGBITS, 0, 0},
    {".note.gnu.property", SHT_NOTE, SHF_ALLOC, 0},
    {".comment", SHT_PROGBITS, 0, kMerge},
}};

bool has_prefix(const std::string& name, const std::string& prefix) {
  return name == prefix || name.rfind(prefix + ".", 0) == 0;
}

bool is_allowed(const Section& section) {
  // The tables that hold the object together.
  if (section.type == SHT_NULL || section.type == SHT_SYMTAB || section.type == SHT_STRTAB)
    return (section.flags & ~std::uint64_t{kMerge}) == 0;
  if (section.type == SHT_RELA) return (section.flags & ~std::uint64_t{SHF_INFO_LINK}) == 0;
  if (section.name.rfind(".debug_", 0) == 0)
    return section.type == SHT_PROGBITS && (section.flags & ~kMerge) == 0;
  return std::any_of(kAllowed.begin(), kAllowed.end(), [&](const Allowed& allowed) {
    return has_prefix(section.name, allowed.prefix) && section.type == allowed.type &&
           (section.flags & allowed.must) == allowed.must &&
           (section.flags & ~(allowed.must | allowed.may | SHF_GNU_RETAIN)) == 0;
  });
}

// Names come from the answer: they are shown without what could confuse a terminal, and cut.
std::string printable(std::string text) {
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text.size() <= 200 ? text : text.substr(0, 200) + "...";
}
std::string shown(const std::string& name) {
  return printable(demangle(name));
}

Verdict check_section(const Section& section) {
  const std::string name = "`" + shown(section.name) + "`";
  if ((section.flags & SHF_WRITE) != 0 && (section.flags & SHF_EXECINSTR) != 0)
    return forbidden("Your file makes the section " + name +
                     ", which is both writable and executable. No answer needs that: remove it.");
  if (has_prefix(section.name, ".preinit_array") || section.type == SHT_PREINIT_ARRAY)
    return forbidden(
        "Your file asks to run code before the program starts (`.preinit_array`). No answer needs "
        "that: remove it.");
  if (!is_allowed(section))
    return forbidden("Your file makes the section " + name +
                     ", which no ordinary C++ needs. Remove the attribute or the assembly that "
                     "makes it.");
  if (section.alignment > kLargestAlignment ||
      (section.alignment != 0 && !std::has_single_bit(section.alignment)))
    return forbidden("Your file aligns something in the section " + name + " to " +
                     std::to_string(section.alignment) + " bytes; the most is " +
                     std::to_string(kLargestAlignment) + ".");
  return {};
}

Verdict check_sections(const Object& object) {
  std::uint64_t data = 0, zeros = 0;
  for (const Section& section : object.sections) {
    if (Verdict verdict = check_section(section); !verdict.ok()) return verdict;
    std::uint64_t& sum = section.type == SHT_NOBITS ? zeros : data;
    // Each is checked before it is added, so that the sum can't wrap around.
    if (section.size > kLargestZeros || (sum += section.size) > kLargestZeros)
      return refused("Your file's global variables take more than " +
                     std::to_string(kLargestZeros >> 20) + " MB. Allocate inside of the function.");
    if (data > kLargestData)
      return refused("Your file compiles to more than " + std::to_string(kLargestData >> 20) +
                     " MB. Is there a large initialised array in it?");
  }
  return {};
}

Verdict check_kind(const Symbol& symbol) {
  const std::string name = "`" + shown(symbol.name) + "`";
  if (symbol.type == STT_GNU_IFUNC)
    return forbidden("Your file chooses " + name +
                     " while the program starts (an indirect function). No answer needs that: "
                     "remove the ifunc or target_clones attribute.");
  if (symbol.binding == STB_GNU_UNIQUE)
    return forbidden("Your file makes " + name +
                     " a unique symbol. No answer needs that: remove the assembly that does it.");
  if (symbol.section == SHN_COMMON)
    return forbidden(
        "Your file makes " + name +
        " a common symbol, as old C does. Initialise it, or declare it in a namespace.");
  if (symbol.section == SHN_ABS && symbol.type != STT_FILE)
    return forbidden("Your file gives " + name +
                     " a fixed address. No answer needs that: remove the assembly that does it.");
  if (symbol.section >= SHN_LORESERVE && symbol.section != SHN_ABS)
    return forbidden("Your file puts " + name + " into a reserved section.");
  return {};
}

bool is_entry(const std::vector<std::string>& entry_points, const std::string& name) {
  return std::find(entry_points.begin(), entry_points.end(), name) != entry_points.end();
}

Verdict check_symbols(const Object& object, const std::vector<std::string>& entry_points) {
  for (const Symbol& symbol : object.symbols) {
    if (Verdict verdict = check_kind(symbol); !verdict.ok()) return verdict;
    if (symbol.is_local() || !symbol.is_defined()) continue;
    if (symbol.binding != STB_GLOBAL && symbol.binding != STB_WEAK)
      return forbidden("Your file makes `" + shown(symbol.name) + "` a symbol of a strange kind.");
    if (!is_entry(entry_points, symbol.name))
      return forbidden("Your file shows `" + shown(symbol.name) + "` to other files.");
    const Section& section = object.sections[symbol.section];
    if (symbol.type != STT_FUNC || (section.flags & SHF_EXECINSTR) == 0)
      return refused("Your file defines `" + shown(symbol.name) + "`, but not as a function.");
  }
  return {};
}

// "f" of "a::b::f(int)".
std::string qualified_of(const std::string& demangled) {
  return demangled.substr(0, demangled.find_first_of("(["));
}
std::string unqualified(const std::string& demangled) {
  const std::string name = qualified_of(demangled);
  const std::size_t colon = name.rfind("::");
  return colon == std::string::npos ? name : name.substr(colon + 2);
}

std::string without_unnamed(std::string demangled) {
  const std::string_view unnamed = "(anonymous namespace)::";
  for (std::size_t at = 0; (at = demangled.find(unnamed)) != std::string::npos;)
    demangled.erase(at, unnamed.size());
  return demangled;
}

// The parameters in a demangled name: split at the commas that stand in no bracket.
std::vector<std::string> parameters_of(const std::string& demangled) {
  std::vector<std::string> parameters;
  const std::size_t start = demangled.find('('), end = demangled.rfind(')');
  if (start == std::string::npos || end == std::string::npos || end <= start + 1) return parameters;
  std::string current;
  int depth = 0;
  for (const char c : demangled.substr(start + 1, end - start - 1)) {
    if (c == '(' || c == '<') ++depth;
    if (c == ')' || c == '>') --depth;
    if (c == ',' && depth == 0) {
      parameters.push_back(current);
      current.clear();
    } else if (c != ' ' || !current.empty()) {
      current += c;
    }
  }
  parameters.push_back(current);
  return parameters;
}

// The demangled names are long and nearly the same: only where they differ is shown.
std::string signature_difference(const std::string& found, const std::string& wanted) {
  const std::vector<std::string> theirs = parameters_of(found), ours = parameters_of(wanted);
  if (theirs.size() != ours.size())
    return "your definition has " + std::to_string(theirs.size()) + " parameters, the header " +
           std::to_string(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (theirs[i] != ours[i])
      return "parameter " + std::to_string(i + 1) + " is `" + printable(theirs[i]) +
             "` in your definition and `" + printable(ours[i]) + "` in the header";
  return "your definition differs from the header's declaration";
}

// Why is the function missing? Perhaps something of nearly that name is there.
Verdict missing(const Object& object, const std::string& entry_point) {
  const std::string wanted = demangle(entry_point);
  const std::string qualified = qualified_of(wanted), simple = unqualified(wanted);
  std::string elsewhere;
  for (const Symbol& symbol : object.symbols) {
    if (!symbol.is_defined() || symbol.type != STT_FUNC) continue;
    const std::string found = without_unnamed(demangle(symbol.name));
    if (found == wanted)
      return refused("`" + qualified +
                     "` cannot be called from outside of your file. Remove `static`, or take it "
                     "out of the unnamed namespace.");
    if (names_function(found, qualified))
      return refused("`" + qualified + "` has the wrong signature: " +
                     signature_difference(found, wanted) + ". Copy the signature from the header.");
    if (unqualified(found) == simple && elsewhere.empty()) elsewhere = qualified_of(found);
  }
  if (!elsewhere.empty())
    return refused("Your file does not define `" + qualified + "`; it defines `" +
                   printable(elsewhere) + "`. Is the namespace right?");
  return refused("Your file does not define `" + qualified +
                 "`. The tests call it: define it as the header declares it, in its namespace, and "
                 "neither inline nor static.");
}

}  // namespace

Verdict gate(std::string_view bytes, const std::vector<std::string>& entry_points) {
  try {
    const Object object = read_object(bytes);
    if (Verdict verdict = check_sections(object); !verdict.ok()) return verdict;
    if (Verdict verdict = check_symbols(object, entry_points); !verdict.ok()) return verdict;
    for (const std::string& name : entry_points) {
      const bool found =
          std::any_of(object.symbols.begin(), object.symbols.end(), [&](const Symbol& symbol) {
            return symbol.name == name && symbol.is_defined() && !symbol.is_local();
          });
      if (!found) return missing(object, name);
    }
    return {};
  } catch (const ElfError& e) {
    return forbidden(std::string("Your file compiles to an object that cannot be read: ") +
                     e.what() + ".");
  }
}

}  // namespace kata::builder
