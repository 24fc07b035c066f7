// Reading, and writing so that nobody ever sees half of it: everything is made in a folder of its
// own and renamed into its place, where it never changes again.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kata::builder {

/// Our side failed. The text is complete, for a person.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws Fault.
std::string read_file(const std::filesystem::path& path);
/// Throws Fault.
void write_file(const std::filesystem::path& path, std::string_view content);

/// A folder that is gone when this object is, unless it was published.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& cache);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Moves a finished folder to its place. If somebody else was there first with the same content,
/// theirs stays.
void publish(const std::filesystem::path& folder, const std::filesystem::path& place);

/// Files by the path that they shall have, with their content.
using Tree = std::map<std::string, std::string>;
/// The hash of names and contents.
std::string hash_of(const Tree& tree);
/// The tree as a folder <parent>/<hash>, made if it is not there yet. Times are fixed: a
/// precompiled header finds the files that it was made from in every tree that holds them.
std::filesystem::path materialise(const Tree& tree, const std::filesystem::path& parent,
                                  const std::filesystem::path& cache);

}  // namespace kata::builder
