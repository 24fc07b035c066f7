#include "builder/toolchain.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "builder/files.hpp"
#include "builder/hash.hpp"
#include "builder/packages.hpp"
#include "builder/tool_output.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}
bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

constexpr const char* kFormat = "kata toolchain 4";

// Debian's folders for programs, in this order; the caller's PATH does not decide what grades.
fs::path find_program(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    for (const char* folder : {"/usr/bin", "/usr/local/bin", "/bin"})
      if (fs::exists(fs::path(folder) / name)) return fs::canonical(fs::path(folder) / name);
  return {};
}

fs::path need_program(const std::vector<std::string>& names, const std::string& package) {
  fs::path found = find_program(names);
  if (found.empty())
    throw Fault("The program " + names.front() +
                " is not installed, and answers cannot be built without it. Install it with: "
                "apt-get install " +
                package);
  return found;
}

// Where a box without /proc finds it: there a path relative to the program ("bin/../lib") means
// nothing to the loader, and only its own folders are searched.
fs::path plain_path(const fs::path& file) {
  const bool relative = file.string().find("/../") != std::string::npos;
  return relative ? fs::canonical(file).parent_path() / file.filename() : file;
}

// The files that the loader maps for this program: lines "name => path (address)" of ldd.
Tool tool_at(const fs::path& program) {
  Tool tool{program, {program}};
  std::istringstream lines(output_of({"/usr/bin/ldd", program.string()}));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t path = line.find('/');
    if (path == std::string::npos) continue;
    tool.files.push_back(plain_path(line.substr(path, line.find(" (", path) - path)));
  }
  return tool;
}

// What a change of any of these files can change: they name the entry in the cache.
std::string fingerprint(const std::vector<fs::path>& files) {
  Hasher hasher;
  hasher.add(kFormat);
  for (const fs::path& file : files) {
    struct stat status {};
    hasher.add(file.string());
    if (stat(file.c_str(), &status) == 0)
      hasher.add(std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) +
                 "." + std::to_string(status.st_mtim.tv_nsec));
  }
  return hasher.hex();
}

std::vector<fs::path> header_folders(const fs::path& clang) {
  const std::string text =
      errors_of({clang.string(), "--driver-mode=g++", "-###", "-E", "-x", "c++", "/dev/null"});
  std::vector<fs::path> folders;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] != "-internal-isystem" && words[i] != "-internal-externc-isystem") continue;
      std::error_code error;
      const fs::path folder = fs::canonical(words[i + 1], error);
      if (!error && folder != "/usr/local/include") folders.push_back(folder);
    }
  }
  const bool library = std::any_of(folders.begin(), folders.end(), [](const fs::path& folder) {
    return fs::exists(folder / "vector");
  });
  if (!library)
    throw Fault("The compiler finds no C++ standard library. Install it with: apt-get install g++");
  return folders;
}

LinkRecipe recipe_of(const fs::path& clang, const std::vector<std::string>& options) {
  std::vector<std::string> command = {clang.string(), "--driver-mode=g++", "-###"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back("/dev/null");
  const std::string text = errors_of(command);
  const std::size_t last = text.find_last_not_of('\n');
  const std::size_t start = text.rfind('\n', last);
  return recipe_from(words_of(text.substr(start == std::string::npos ? 0 : start + 1)));
}

// The sanitizers only explain: without them everything else works.
LinkRecipe sanitized_recipe(const fs::path& clang) {
  try {
    return recipe_of(
        clang, {"-fsanitize=address,undefined", "-no-pie", "-static-libstdc++", "-static-libgcc"});
  } catch (const Fault&) {
    return {};
  }
}

// "clang version 14.0.6 ..." as "clang 14.0.6"; with a distribution's name before it.
std::string short_version(const std::string& text) {
  const std::size_t at = text.find("version ");
  if (at == std::string::npos) return "clang";
  const std::string version = text.substr(at + 8);
  return "clang " + version.substr(0, version.find_first_of(" \n-+~"));
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Toolchain discover(const fs::path& clang, const fs::path& ld, const fs::path& objcopy,
                   const fs::path& mold) {
  Toolchain t;
  const std::string version = output_of({clang.string(), "--version"});
  t.compiler = short_version(version);
  t.clang = tool_at(clang);
  t.ld = tool_at(ld);
  t.objcopy = tool_at(objcopy);
  t.addr2line = tool_at(need_program({"addr2line"}, "binutils"));
  t.mold = tool_at(mold);
  t.header_folders = header_folders(clang);
  t.static_link = recipe_of(clang, {"-static"});
  t.sanitized_link = sanitized_recipe(clang);

  Hasher hasher;
  hasher.add(first_line(version));
  hasher.add(first_line(output_of({ld.string(), "--version"})));
  hasher.add(first_line(output_of({mold.string(), "--version"})));
  hasher.add(package_versions(t.header_folders));
  t.id = hasher.hex();
  return t;
}

void put(std::ostream& out, const char* key, const std::vector<fs::path>& values) {
  for (const fs::path& value : values) out << key << '\t' << value.string() << '\n';
}
void put(std::ostream& out, const char* key, const std::vector<std::string>& values) {
  for (const std::string& value : values) out << key << '\t' << value << '\n';
}

std::string to_text(const Toolchain& t) {
  std::ostringstream out;
  out << "compiler\t" << t.compiler << "\nid\t" << t.id << '\n';
  put(out, "clang", t.clang.files);
  put(out, "ld", t.ld.files);
  put(out, "objcopy", t.objcopy.files);
  put(out, "addr2line", t.addr2line.files);
  put(out, "mold", t.mold.files);
  put(out, "headers", t.header_folders);
  put(out, "before", t.static_link.before);
  put(out, "after", t.static_link.after);
  put(out, "links", t.static_link.files);
  put(out, "sanitized before", t.sanitized_link.before);
  put(out, "sanitized after", t.sanitized_link.after);
  put(out, "sanitized links", t.sanitized_link.files);
  out << "end\t\n";
  return out.str();
}

// Returns whether the text was whole.
bool from_text(const std::string& text, Toolchain& t) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) return false;
    const std::string key = line.substr(0, tab), value = line.substr(tab + 1);
    if (key == "compiler") t.compiler = value;
    if (key == "id") t.id = value;
    if (key == "clang") t.clang.files.emplace_back(value);
    if (key == "ld") t.ld.files.emplace_back(value);
    if (key == "objcopy") t.objcopy.files.emplace_back(value);
    if (key == "addr2line") t.addr2line.files.emplace_back(value);
    if (key == "mold") t.mold.files.emplace_back(value);
    if (key == "headers") t.header_folders.emplace_back(value);
    if (key == "before") t.static_link.before.push_back(value);
    if (key == "after") t.static_link.after.push_back(value);
    if (key == "links") t.static_link.files.emplace_back(value);
    if (key == "sanitized before") t.sanitized_link.before.push_back(value);
    if (key == "sanitized after") t.sanitized_link.after.push_back(value);
    if (key == "sanitized links") t.sanitized_link.files.emplace_back(value);
    if (key != "end") continue;
    for (Tool* tool : {&t.clang, &t.ld, &t.objcopy, &t.addr2line, &t.mold}) {
      if (tool->files.empty()) return false;
      tool->program = tool->files.front();
    }
    return !t.id.empty() && !t.header_folders.empty() && !t.static_link.after.empty();
  }
  return false;
}

// Collects what the linker is given, word by word.
class RecipeReader {
 public:
  explicit RecipeReader(const std::vector<std::string>& words) {
    for (const std::string& word : words)
      if (starts_with(word, "-L")) folders_.emplace_back(word.substr(2));
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool has_value = words[i] == "-dynamic-linker" && i + 1 < words.size();
      read(words[i]);
      if (has_value) add(words[++i]);
    }
  }

  LinkRecipe recipe;
  bool found_objects = false;  // the place where they go

 private:
  void add(const std::string& word) {
    (found_objects ? recipe.after : recipe.before).push_back(word);
  }

  void read(const std::string& word) {
    const std::string list = "--dynamic-list=";
    if (word == "/dev/null") {
      found_objects = true;
    } else if (starts_with(word, "-l")) {
      add_file(library(word.substr(2)));
    } else if (starts_with(word, list)) {
      recipe.files.emplace_back(word.substr(list.size()));
      add(word);
    } else if (starts_with(word, "/") && (ends_with(word, ".o") || ends_with(word, ".a"))) {
      add_file(word);
    } else if (word == "-static" || word == "-Bstatic" || word == "-Bdynamic") {
      only_archives_ = word != "-Bdynamic";
      if (word != "-static") add(word);
    } else if (word == "--start-group" || word == "--end-group" || word == "--whole-archive" ||
               word == "--no-whole-archive" || word == "--no-as-needed" ||
               word == "-dynamic-linker") {
      add(word);
    }
  }

  fs::path library(const std::string& name) const {
    std::vector<std::string> names = {"lib" + name + ".a"};
    if (!only_archives_) names.insert(names.begin(), "lib" + name + ".so");
    for (const fs::path& folder : folders_)
      for (const std::string& each : names)
        if (fs::exists(folder / each)) return folder / each;
    return names.back();
  }

  void add_file(const fs::path& file) {
    if (!fs::exists(file))
      throw Fault("The file " + file.filename().string() +
                  " of the C or C++ library is missing. Install it with: apt-get install g++");
    recipe.files.push_back(fs::canonical(file));
    add(recipe.files.back().string());
    add_members_of_script(recipe.files.back());
  }

  // Debian's libm.a and libc.so are scripts that name other files.
  void add_members_of_script(const fs::path& file) {
    constexpr std::uintmax_t kLargestScript = 4096;
    if (fs::file_size(file) > kLargestScript) return;
    const std::string text = read_file(file);
    if (!starts_with(text, "/*")) return;
    std::istringstream words(text);
    for (std::string word; words >> word;)
      if (word.size() > 1 && word.front() == '/' && word[1] != '*' && fs::exists(word))
        recipe.files.emplace_back(word);
  }

  std::vector<fs::path> folders_;
  bool only_archives_ = false;
};

}  // namespace

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t i = line.find('"'); i != std::string::npos; i = line.find('"', i + 1)) {
    std::string word;
    for (++i; i < line.size() && line[i] != '"'; ++i) {
      if (line[i] == '\\' && i + 1 < line.size()) ++i;
      word += line[i];
    }
    words.push_back(word);
  }
  return words;
}

LinkRecipe recipe_from(const std::vector<std::string>& words) {
  RecipeReader reader(words);
  if (!reader.found_objects || reader.recipe.files.size() < 6)
    throw Fault("The compiler does not say how it links a program; is it Debian's clang?");
  return std::move(reader.recipe);
}

Toolchain find_toolchain(const fs::path& cache) {
  if (sodium_init() < 0) throw Fault("libsodium does not start.");
  const fs::path clang = need_program({"clang++", "clang++-19", "clang++-18", "clang++-17",
                                       "clang++-16", "clang++-15", "clang++-14"},
                                      "clang");
  const fs::path ld = need_program({"ld.bfd"}, "binutils");
  const fs::path objcopy = need_program({"objcopy"}, "binutils");
  const fs::path mold = need_program({"mold"}, "mold");

  const fs::path place =
      cache / "toolchains" / fingerprint({clang, ld, objcopy, mold, "/var/lib/dpkg/status"});
  Toolchain found;
  if (fs::exists(place / "toolchain") && from_text(read_file(place / "toolchain"), found))
    return found;

  found = discover(clang, ld, objcopy, mold);
  const TemporaryFolder made(cache);
  fs::create_directory(made / "new");
  write_file(made / "new/toolchain", to_text(found));
  publish(made / "new", place);
  return found;
}

}  // namespace kata::builder
