#include "builder/headers.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "builder/compile.hpp"
#include "builder/files.hpp"

namespace kata::builder {
namespace {

constexpr const char* kAllowed =
    "An answer may include the standard library, Eigen (without unsupported/), and the headers of "
    "its exercise.";

bool is_below(const std::string& path, const std::string& root) {
  return path.rfind(root + "/", 0) == 0;
}

// The header itself, or a source of the same Eigen module: Eigen/src/SVD/JacobiSVD.h.
bool is_part_of(const std::string& header, const std::string& module) {
  if (header == module) return true;
  if (!is_eigen_module(module)) return false;
  return header.rfind("Eigen/src/" + module.substr(module.find('/') + 1) + "/", 0) == 0;
}

std::string forbidding(const std::string& header, const std::vector<std::string>& forbidden) {
  const auto found =
      std::find_if(forbidden.begin(), forbidden.end(),
                   [&](const std::string& module) { return is_part_of(header, module); });
  return found == forbidden.end() ? std::string() : *found;
}

std::string does_the_exercise(const std::string& header) {
  return "Your file includes <" + header +
         ">, which this exercise forbids, since it does what is asked here. Write that part "
         "yourself.";
}

}  // namespace

std::optional<std::string> included_as(const std::string& path) {
  const std::string plain = std::filesystem::path(path).lexically_normal().string();
  for (const char* root :
       {kIncludeRoot, kVocabularyRoot, kEigenRoot, kPrefixRoot, kPrecompiledRoot})
    if (is_below(plain, root)) return plain.substr(std::string(root).size() + 1);
  if (!is_below(plain, kToolchainRoot)) return {};
  const std::size_t slash = plain.find('/', std::string(kToolchainRoot).size() + 1);
  if (slash == std::string::npos) return {};
  return plain.substr(slash + 1);
}

bool uses_kernels(const std::vector<std::string>& dependencies) {
  return std::any_of(dependencies.begin(), dependencies.end(), [](const std::string& path) {
    return is_below(path, std::string(kIncludeRoot) + "/kernels");
  });
}

std::string forbidden_dependency(const std::vector<std::string>& dependencies,
                                 const std::vector<std::string>& always,
                                 const std::vector<std::string>& forbidden,
                                 const std::string& compiled_as) {
  for (const std::string& path : dependencies) {
    if (path == compiled_as || path == "./" + compiled_as) continue;
    const std::optional<std::string> header = included_as(path);
    if (!header) return "Your file includes `" + path + "`. " + kAllowed;
    const std::string module = forbidding(*header, forbidden);
    if (module.empty()) continue;
    if (std::find(always.begin(), always.end(), path) != always.end())
      throw Fault("exercise.json forbids <" + module +
                  ">, which is part of every build and cannot be kept out of an answer.");
    return does_the_exercise(module);
  }
  return {};
}

std::string forbidden_header(const std::string& header, const std::string& included_by,
                             const std::vector<std::string>& forbidden) {
  namespace fs = std::filesystem;
  const std::string name = fs::path(header).lexically_normal().string();
  if (!included_by.empty()) {
    // Eigen's headers name each other relative to themselves.
    const std::string beside =
        (fs::path(included_by).parent_path() / header).lexically_normal().string();
    for (const std::string& candidate : {name, beside}) {
      const std::string module = forbidding(candidate, forbidden);
      if (!module.empty())
        return "Your file reaches <" + module + "> through <" + included_by +
               ">. This exercise forbids it, since it does what is asked here. Include only the "
               "parts that you need, such as <Eigen/Core>.";
    }
    return {};
  }
  if (const std::string module = forbidding(name, forbidden); !module.empty())
    return does_the_exercise(module);
  const std::array<const char*, 4> ours = {"unsupported/", "kernels/", "solutions/", "oracle/"};
  const bool other = std::any_of(ours.begin(), ours.end(),
                                 [&](const char* folder) { return name.rfind(folder, 0) == 0; });
  if (other || name.front() == '/' || name.find("..") != std::string::npos)
    return "Your file includes `" + header + "`. " + kAllowed;
  return {};
}

}  // namespace kata::builder
