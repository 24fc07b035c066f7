#include "builder/packages.hpp"

#include <sstream>

#include "builder/files.hpp"
#include "builder/tool_output.hpp"

namespace kata::builder {

namespace fs = std::filesystem;

std::string package_versions(const std::vector<fs::path>& header_folders) {
  std::vector<std::string> packages = {"libc6-dev", "linux-libc-dev", "libeigen3-dev",
                                       "libhwy-dev"};
  for (const fs::path& folder : header_folders) {
    // /usr/include/c++/12: the version that the compiler chose.
    if (folder.parent_path().filename() != "c++") continue;
    const std::string version = folder.filename().string();
    packages.push_back("libstdc++-" + version + "-dev");
    packages.push_back("libgcc-" + version + "-dev");
  }
  std::string versions;
  for (const std::string& package : packages)
    if (is_installed(package))
      versions +=
          output_of({"/usr/bin/dpkg-query", "-W", "-f", "${Package} ${Version}\n", package});
  return versions;
}

bool is_installed(const std::string& package) {
  for (const char* architecture : {"", ":amd64", ":arm64"})
    if (fs::exists("/var/lib/dpkg/info/" + package + architecture + ".list")) return true;
  return false;
}

std::vector<fs::path> files_of(const std::string& package) {
  if (!is_installed(package))
    throw Fault("The package " + package +
                " is not installed, and answers cannot be built without it. Install it with: "
                "apt-get install " +
                package);
  std::vector<fs::path> files;
  std::istringstream lines(output_of({"/usr/bin/dpkg-query", "-L", package}));
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line.front() == '/' && fs::is_regular_file(line)) files.emplace_back(line);
  return files;
}

}  // namespace kata::builder
