// Hostile objects at the gate: everything that is not ordinary code with the right entry points.
#include "builder/gate.hpp"

#include "catch.hpp"

#include <cstring>

#include "builder/compile.hpp"
#include "builder/elf.hpp"
#include "builder/files.hpp"
#include "builder/link.hpp"
#include "builder/tool_run.hpp"
#include "workshop.hpp"

using kata::builder::gate;
using kata::builder::Verdict;
using Kind = kata::builder::Verdict::Kind;

namespace {

namespace fs = std::filesystem;

constexpr const char* kEntry = "_Z5entryi";  // int entry(int)
constexpr const char* kGood = "int entry(int x) { return x; }\n";

// Compiled, joined and localised to entry(int), as an answer is.
std::string object_of(const std::string& text, const std::string& language = "c++") {
  static int count = 0;
  const fs::path folder = workshop::folder() / ("gate" + std::to_string(count++));
  workshop::write(folder / "source", text);
  fs::create_directories(folder / "output");
  kata::builder::ToolRun clang(workshop::toolchain().clang, false);
  std::vector<std::string> arguments = {"-c", "-x", language, "-o",
                                        (folder / "output/0.o").string()};
  if (language == "c++") {
    const auto flags = kata::builder::arguments_of(kata::builder::Flags::checked);
    arguments.insert(arguments.end(), flags.begin(), flags.end());
  }
  arguments.push_back((folder / "source").string());
  const auto compiled = clang.run(arguments);
  INFO(compiled.err);
  REQUIRE(compiled.ok());
  const auto joined =
      kata::builder::join(workshop::toolchain(), false, {folder / "output/0.o"}, folder);
  INFO(joined.err);
  REQUIRE(joined.ok());
  REQUIRE(kata::builder::localise(workshop::toolchain(), false, {kEntry}, folder).ok());
  return kata::builder::read_file(folder / "output/localised.o");
}

void check_refused(const std::string& text, const std::string& part, Kind kind = Kind::forbidden,
                   const std::string& language = "c++") {
  const Verdict verdict = gate(object_of(text, language), {kEntry});
  INFO(text << "\n" << verdict.message);
  CHECK(verdict.kind == kind);
  CHECK(verdict.message.find(part) != std::string::npos);
}

std::string assembly(const std::string& more) {
  return ".text\n.globl _Z5entryi\n.type _Z5entryi, @function\n_Z5entryi:\n ret\n" + more;
}

}  // namespace

TEST_CASE("honest code passes the gate") {
  CHECK(gate(object_of(kGood), {kEntry}).message == "");
  // Static objects, thread-locals, tables, exceptions, virtual functions, templates, strings.
  const Verdict verdict = gate(object_of(R"(
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>
static const std::map<std::string, int> table = {{"a", 1}, {"b", 2}};
thread_local std::vector<int> scratch;
inline int counter() { static int n = 0; return ++n; }
struct Base { virtual ~Base() = default; virtual int f() const { return 1; } };
struct Derived : Base { int f() const override { return table.at("a"); } };
template <class T> T twice(T x) { return 2 * x; }
constexpr double numbers[] = {1, 2, 3};
const char* volatile name = "name";
int entry(int x) {
  scratch.push_back(x);
  Derived d;
  const Base& b = d;
  if (x < 0) throw std::invalid_argument("x: " + std::to_string(x));
  alignas(64) double a[8] = {1};
  return b.f() + twice(x) + counter() + static_cast<int>(numbers[x % 3] + a[x % 8]) +
         std::regex_match("abc", std::regex("a.c"));
}
)"),
                               {kEntry});
  CHECK(verdict.message == "");
}

TEST_CASE("code that runs too early is refused") {
  check_refused(
      std::string("static void f() {}\n__attribute__((section(\".preinit_array\"), used)) "
                  "static void (*p)() = f;\n") +
          kGood,
      ".preinit_array");
  check_refused(assembly(".section .preinit_array,\"aw\"\n.quad _Z5entryi\n"), ".preinit_array",
                Kind::forbidden, "assembler");
  // Under another name, by its type.
  check_refused(assembly(".section .data.x,\"aw\",@preinit_array\n.quad _Z5entryi\n"),
                ".preinit_array", Kind::forbidden, "assembler");
  for (const char* section : {".ctors", ".dtors", ".init", ".fini"})
    check_refused(assembly(std::string(".section ") + section + ",\"aw\"\n.quad 0\n"), section,
                  Kind::forbidden, "assembler");
  check_refused(R"(
extern "C" int (*resolve())(int) { return nullptr; }
__attribute__((ifunc("resolve"))) int indirect(int);
int entry(int x) { return indirect(x); }
)",
                "indirect function");
}

TEST_CASE("symbols of strange kinds are refused") {
  check_refused(assembly(".comm shared,8,8\n"), "common", Kind::forbidden, "assembler");
  check_refused(assembly(".globl fixed\nfixed = 0x1234\n"), "fixed address", Kind::forbidden,
                "assembler");
  // Even as the entry point: it would be a jump to anywhere.
  check_refused(".globl _Z5entryi\n_Z5entryi = 0x1234\n", "fixed address", Kind::forbidden,
                "assembler");
  const std::string unique = object_of(
      assembly(
          ".data\n.globl _ZZ1fvE1x\n.type _ZZ1fvE1x, @gnu_unique_object\n_ZZ1fvE1x: .quad 0\n"),
      "assembler");
  // objcopy leaves a unique symbol alone or makes it local: it must not be shown.
  const Verdict verdict = gate(unique, {kEntry});
  for (const auto& symbol : kata::builder::read_object(unique).symbols)
    if (symbol.name == "_ZZ1fvE1x" && !symbol.is_local()) CHECK_FALSE(verdict.ok());
}

TEST_CASE("only the entry points are shown") {
  const std::string both = object_of(std::string("int other(int x) { return x; }\n") + kGood);
  CHECK(gate(both, {kEntry}).ok());
  CHECK_FALSE(gate(both, {kEntry, "_Z5otheri"}).ok());  // localised: not there any more
  CHECK(gate(both, {}).message.find("shows `entry(int)`") != std::string::npos);
}

TEST_CASE("sections are ordinary") {
  for (const char* section : {"evil", ".interp", ".dynamic", ".gnu.warning.x", ".gnu.linkonce.t.x",
                              ".note.x", ".gnu.lto_x", ".textual", ".eh_frame_hdr", ".plt", ".got"})
    check_refused(assembly(std::string(".section ") + section + ",\"a\"\n.quad 0\n"), section,
                  Kind::forbidden, "assembler");
  check_refused(assembly(".section .text.evil,\"awx\"\nnop\n"), "writable and executable",
                Kind::forbidden, "assembler");
  check_refused(assembly(".section .rodata.evil,\"aw\"\n.quad 0\n"), ".rodata.evil",
                Kind::forbidden, "assembler");
  check_refused(assembly(".section .note.GNU-stack,\"x\",@progbits\n"), ".note.GNU-stack",
                Kind::forbidden, "assembler");
  check_refused(assembly(".section .data.x,\"aw\"\n.balign 65536\n.quad 0\n"), "65536",
                Kind::forbidden, "assembler");
  check_refused(assembly(".bss\n.space 300000000\n"), "256 MB", Kind::compile_error, "assembler");
}

TEST_CASE("a missing function is explained") {
  check_refused("int x = 3;\n", "does not define `entry`", Kind::compile_error);
  check_refused("int entry(long x) { return int(x); }\n", "parameter 1 is `long`",
                Kind::compile_error);
  check_refused("int entry(int, int) { return 0; }\n", "2 parameters, the header 1",
                Kind::compile_error);
  check_refused("namespace a { int entry(int) { return 0; } }\n", "`a::entry`",
                Kind::compile_error);
  check_refused("namespace { __attribute__((used)) int entry(int) { return 0; } }\n",
                "cannot be called from outside", Kind::compile_error);
  check_refused(".data\n.globl _Z5entryi\n_Z5entryi: .quad 0\n", "not as a function",
                Kind::compile_error, "assembler");
  check_refused(".data\n.globl _Z5entryi\n.type _Z5entryi, @function\n_Z5entryi: .quad 0\n",
                "not as a function", Kind::compile_error, "assembler");
}

TEST_CASE("bytes that are no object are refused, wherever they are cut or bent") {
  const std::string good =
      object_of("#include <vector>\nint entry(int x) { return std::vector<int>(9, x)[3]; }\n");
  REQUIRE(gate(good, {kEntry}).ok());
  for (const std::string& bytes :
       {std::string(), std::string("garbage"), std::string(10000, '\0'), std::string("\177ELF"),
        std::string("INPUT(/etc/passwd)\n"), good.substr(0, 63)})
    CHECK_FALSE(gate(bytes, {kEntry}).ok());
  for (std::size_t size = 0; size < good.size(); size += 64)
    CHECK_FALSE(gate(good.substr(0, size), {kEntry}).ok());
  // Every byte of the header and of the section headers, set to values that overflow.
  std::size_t survived = 0;
  const std::size_t table = [&] {
    std::uint64_t offset = 0;
    std::memcpy(&offset, good.data() + 40, sizeof offset);
    return static_cast<std::size_t>(offset);
  }();
  for (std::size_t at = 0; at < good.size(); at = at == 63 ? table : at + 1)
    for (const char value : {'\x00', '\x7f', '\x80', '\xff'}) {
      std::string bent = good;
      bent[at] = value;
      survived += gate(bent, {kEntry}).ok();  // must not crash; many changes are harmless
    }
  CHECK(survived < 4 * good.size());
  // Eight bytes at a time: sizes and offsets near the top of the range.
  for (std::size_t at = table; at + 8 <= good.size(); at += 8) {
    std::string bent = good;
    std::memset(bent.data() + at, 0xff, 8);
    static_cast<void>(gate(bent, {kEntry}));
  }
}
