// Reads files that somebody else put there: beneath one folder, through no link, regular files
// only, never more than a cap, and without ever waiting for a writer.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

namespace kata::catalog {

/// A file descriptor that is closed with its owner.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct FileText {
  enum class State { absent, read, refused };
  State state = State::absent;
  std::string text;  // read
  std::string why;   // refused: what is wrong, to follow the file's name: "is a FIFO, ..."
};

/// A folder that is named by the user: links in `path` are followed. Not open: errno says why.
Fd open_folder(const std::filesystem::path& path);

/// The file at `path` (relative, no "..") beneath the folder. A link in any part of it is refused.
FileText read_beneath(const Fd& folder, const std::string& path, std::size_t max_bytes);

/// Whether something is at `path` that read_beneath would read or refuse.
bool exists_beneath(const Fd& folder, const std::string& path);

/// A file of the project's own: links are followed, everything else as read_beneath.
FileText read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// For tests: as if the kernel had no openat2.
void use_openat2(bool use);

}  // namespace kata::catalog
