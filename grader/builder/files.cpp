#include "builder/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "builder/hash.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
  throw Fault(what + " " + path.string() + ": " + std::strerror(errno) + ".");
}

void make_folders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Fault("Cannot make the folder " + path.string() + ": " + error.message() + ".");
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("Cannot read", path);
  std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) fail("Cannot read", path);
  return content;
}

void write_file(const fs::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) fail("Cannot write", path);
}

TemporaryFolder::TemporaryFolder(const fs::path& cache) {
  static std::atomic<unsigned> count = 0;
  make_folders(cache / "tmp");
  for (;;) {
    path_ = cache / "tmp" / (std::to_string(getpid()) + "-" + std::to_string(count++));
    std::error_code error;
    if (fs::create_directory(path_, error)) return;
    if (error)
      throw Fault("Cannot make the folder " + path_.string() + ": " + error.message() + ".");
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void publish(const fs::path& folder, const fs::path& place) {
  make_folders(place.parent_path());
  if (rename(folder.c_str(), place.c_str()) == 0) return;
  const int why = errno;
  if ((why == ENOTEMPTY || why == EEXIST) && fs::is_directory(place)) return;
  errno = why;
  fail("Cannot move what was built to", place);
}

std::string hash_of(const Tree& tree) {
  Hasher hasher;
  for (const auto& [name, content] : tree) hasher.add(name).add(content);
  return hasher.hex();
}

fs::path materialise(const Tree& tree, const fs::path& parent, const fs::path& cache) {
  const fs::path place = parent / hash_of(tree);
  if (fs::is_directory(place)) return place;
  const TemporaryFolder made(cache);
  const fs::path root = made / "tree";
  make_folders(root);
  for (const auto& [name, content] : tree) {
    const fs::path path = root / name;
    make_folders(path.parent_path());
    write_file(path, content);
    const timespec fixed[2] = {{1000000000, 0}, {1000000000, 0}};
    if (utimensat(AT_FDCWD, path.c_str(), fixed, 0) != 0) fail("Cannot set the time of", path);
    chmod(path.c_str(), 0444);
  }
  publish(root, place);
  return place;
}

}  // namespace kata::builder
