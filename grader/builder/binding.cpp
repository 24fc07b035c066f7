#include "builder/binding.hpp"

#include "builder/files.hpp"

namespace kata::builder {
namespace {

constexpr const char* kTable = "kata::mistakes";

std::vector<std::string> matching(const Object& object, const std::string& qualified,
                                  bool defined) {
  std::vector<std::string> names;
  for (const Symbol& symbol : object.symbols)
    if (!symbol.is_local() && symbol.is_defined() == defined &&
        names_function(demangle(symbol.name), qualified))
      names.push_back(symbol.name);
  return names;
}

std::vector<std::string> find_all(const Object& object, const catalog::Exercise& exercise,
                                  bool defined, const std::string& problem) {
  std::vector<std::string> all;
  for (const std::string& function : exercise.manifest.functions) {
    const std::string qualified = exercise.name_space() + "::" + function;
    const std::vector<std::string> found = matching(object, qualified, defined);
    if (found.empty()) throw Fault(exercise.id + ": " + problem + " " + qualified + ".");
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

}  // namespace

std::string binding_source(const catalog::Exercise& exercise,
                           const std::vector<std::string>& headers, bool mistakes) {
  std::string text;
  for (const std::string& header : headers) text += "#include \"" + header + "\"\n";
  text += "#include \"worker/bind.hpp\"\n#include \"worker/mistakes.hpp\"\n\n";
  text += "namespace kata::worker {\nconst Entry entries[] = {\n";
  for (const std::string& function : exercise.manifest.functions)
    text += "    bind<&::" + exercise.name_space() + "::" + function + ">(\"" + function + "\"),\n";
  text += "};\nconst std::size_t entry_count = sizeof entries / sizeof entries[0];\n";
  text += mistakes ? "const MistakeTable mistake_table = &::kata::mistakes;\n"
                   : "const MistakeTable mistake_table = nullptr;\n";
  return text + "}  // namespace kata::worker\n";
}

bool names_function(const std::string& demangled, const std::string& qualified) {
  if (demangled.rfind(qualified, 0) != 0 || demangled.size() <= qualified.size()) return false;
  // A function that returns a std::string has its ABI tag after its name.
  const char next = demangled[qualified.size()];
  return next == '(' || next == '[';
}

std::vector<std::string> entry_points(const Object& binding, const catalog::Exercise& exercise,
                                      bool mistakes) {
  std::vector<std::string> all = find_all(binding, exercise, false,
                                          "exercise.json lists a function that no answer could "
                                          "define, because the header does not declare");
  if (!mistakes) return all;
  const std::vector<std::string> table = matching(binding, kTable, false);
  if (table.empty()) throw Fault("The binding does not ask for kata::mistakes().");
  all.insert(all.end(), table.begin(), table.end());
  return all;
}

std::vector<std::string> definitions(const Object& reference, const catalog::Exercise& exercise) {
  return find_all(reference, exercise, true, "the reference solution does not define");
}

}  // namespace kata::builder
