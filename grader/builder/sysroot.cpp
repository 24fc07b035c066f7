#include "builder/sysroot.hpp"

#include <algorithm>

#include "builder/files.hpp"
#include "builder/hash.hpp"
#include "builder/packages.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSysrootVersion = "1";
const std::string kEigenModule = "Eigen/";

// The path below `folder`, or nothing.
std::string below(const fs::path& file, const fs::path& folder) {
  const std::string prefix = folder.string() + "/", path = file.string();
  return path.rfind(prefix, 0) == 0 ? path.substr(prefix.size()) : std::string();
}

void copy_one(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error)
    throw Fault("Cannot copy " + from.string() + " to " + to.string() + ": " + error.message() +
                ".");
}

// Module maps would let a source ask for a module instead of a header.
bool wanted(const fs::path& file) {
  return file.extension() != ".modulemap";
}

void copy_folder(const fs::path& from, const fs::path& to) {
  for (const auto& entry :
       fs::recursive_directory_iterator(from, fs::directory_options::follow_directory_symlink))
    if (entry.is_regular_file() && wanted(entry.path()))
      copy_one(entry.path(), to / below(entry, from));
}

// Folders that one package owns are copied whole; those that everybody installs into are not.
bool is_shared_folder(const fs::path& folder) {
  return folder.filename() == "include" ? folder.parent_path() == "/usr"
                                        : folder.parent_path() == "/usr/include";
}

void copy_packages(const fs::path& folder, const std::vector<fs::path>& all_folders,
                   const std::vector<fs::path>& files, const fs::path& to) {
  for (const fs::path& file : files) {
    const std::string name = below(file, folder);
    if (name.empty() || !wanted(file)) continue;
    // A file belongs to the deepest of the folders that hold it.
    const bool deeper =
        std::any_of(all_folders.begin(), all_folders.end(), [&](const fs::path& other) {
          return !below(other, folder).empty() && !below(file, other).empty();
        });
    if (!deeper) copy_one(file, to / name);
  }
}

std::vector<fs::path> system_files() {
  std::vector<fs::path> files = files_of("libc6-dev");
  const std::vector<fs::path> kernel = files_of("linux-libc-dev");
  files.insert(files.end(), kernel.begin(), kernel.end());
  return files;
}

std::string folder_name(std::size_t index, const fs::path& folder) {
  return std::to_string(index) + "-" + folder.filename().string();
}

void fill(const Toolchain& toolchain, const fs::path& root) {
  const std::vector<fs::path> files = system_files();
  std::size_t index = 0;
  for (const fs::path& folder : toolchain.header_folders) {
    const fs::path to = root / folder_name(index++, folder);
    fs::create_directories(to);
    if (is_shared_folder(folder))
      copy_packages(folder, toolchain.header_folders, files, to);
    else
      copy_folder(folder, to);
  }
  fs::create_directories(root / "highway");
  if (is_installed("libhwy-dev"))
    for (const fs::path& file : files_of("libhwy-dev"))
      if (const std::string name = below(file, "/usr/include"); name.rfind("hwy/", 0) == 0)
        copy_one(file, root / "highway" / name);
}

}  // namespace

Sysroot make_sysroot(const Toolchain& toolchain, const fs::path& cache) {
  Sysroot sysroot;
  sysroot.folder = cache / "sysroots" / (toolchain.id + "-" + kSysrootVersion);
  std::size_t index = 0;
  for (const fs::path& folder : toolchain.header_folders)
    sysroot.includes.push_back(folder_name(index++, folder));
  sysroot.includes.push_back("highway");
  if (fs::is_directory(sysroot.folder)) return sysroot;
  const TemporaryFolder made(cache);
  fill(toolchain, made / "sysroot");
  publish(made / "sysroot", sysroot.folder);
  return sysroot;
}

bool is_eigen_module(const std::string& header) {
  return header.rfind(kEigenModule, 0) == 0;
}

fs::path make_eigen(const Toolchain& toolchain, const std::vector<std::string>& forbidden,
                    const fs::path& cache) {
  std::vector<std::string> modules;
  for (const std::string& header : forbidden)
    if (is_eigen_module(header)) modules.push_back(header.substr(kEigenModule.size()));
  std::sort(modules.begin(), modules.end());

  Hasher hasher;
  hasher.add(kSysrootVersion).add(toolchain.id);
  for (const std::string& module : modules) hasher.add(module);
  const fs::path place = cache / "eigen" / hasher.hex();
  if (fs::is_directory(place)) return place;

  const TemporaryFolder made(cache);
  for (const fs::path& file : files_of("libeigen3-dev")) {
    const std::string name = below(file, "/usr/include/eigen3");
    if (!is_eigen_module(name)) continue;
    const bool absent = std::any_of(modules.begin(), modules.end(), [&](const std::string& module) {
      return name == "Eigen/" + module || name.rfind("Eigen/src/" + module + "/", 0) == 0;
    });
    if (!absent) copy_one(file, made / "eigen" / name);
  }
  publish(made / "eigen", place);
  return place;
}

}  // namespace kata::builder
