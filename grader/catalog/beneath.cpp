// See beneath.hpp.
#include "catalog/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace kata::catalog {

namespace {

// Opened to read: a FIFO must not wait for its writer, a terminal must not become ours.
constexpr int kRead = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr int kLook = O_PATH | O_CLOEXEC;  // no side effect on a device

std::atomic<bool> openat2_wanted{true};

int open_with_openat2(int folder, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<__u64>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const long fd = syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    if (errno != EAGAIN && errno != EINTR) break;  // EAGAIN: something was renamed on the way
  }
  return -1;
}

bool is_link(int folder, const std::string& name) {
  struct stat info {};
  return fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

/// Part by part, each without following a link; for kernels and containers without openat2.
int open_step_by_step(int folder, const std::string& path, int flags) {
  Fd here;
  std::string_view rest = path;
  while (true) {
    const auto slash = rest.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string name(rest.substr(0, slash));
    if (name.empty() || name == "." || name == "..") {
      errno = EXDEV;
      return -1;
    }
    const int at = here ? here.get() : folder;
    if (is_link(at, name)) {
      errno = ELOOP;
      return -1;
    }
    const int fd = openat(at, name.c_str(), (last ? flags : kLook | O_DIRECTORY) | O_NOFOLLOW);
    if (fd < 0 || last) return fd;
    here = Fd(fd);
    rest.remove_prefix(slash + 1);
  }
}

int open_beneath(int folder, const std::string& path, int flags) {
  if (openat2_wanted) {
    const int fd = open_with_openat2(folder, path, flags);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  }
  return open_step_by_step(folder, path, flags);
}

std::string megabytes(std::size_t bytes) {
  return bytes >> 20 ? std::to_string(bytes >> 20) + " MiB" : std::to_string(bytes >> 10) + " KiB";
}

FileText refused(std::string why) {
  return {FileText::State::refused, "", std::move(why)};
}

FileText not_opened(int error) {
  if (error == ENOENT || error == ENOTDIR) return {};
  if (error == ELOOP || error == EXDEV)
    return refused(
        "is a symbolic link, or lies behind one, and links are not followed; put the "
        "file itself there");
  return refused(std::string("cannot be read: ") + std::strerror(error));
}

/// Empty when the file may be read.
std::string objection(const struct stat& info, std::size_t max_bytes) {
  const char* kind = S_ISDIR(info.st_mode)    ? "a folder"
                     : S_ISFIFO(info.st_mode) ? "a FIFO"
                     : S_ISSOCK(info.st_mode) ? "a socket"
                     : S_ISCHR(info.st_mode)  ? "a device"
                     : S_ISBLK(info.st_mode)  ? "a device"
                     : S_ISLNK(info.st_mode)  ? "a symbolic link"
                                              : nullptr;
  if (kind) return std::string("is ") + kind + ", not a regular file";
  if (static_cast<unsigned long long>(info.st_size) > max_bytes)
    return "has " + std::to_string(info.st_size) + " bytes; at most " + megabytes(max_bytes) +
           " are read";
  return "";
}

FileText read_all(int fd, std::size_t max_bytes) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return refused(std::string("cannot be read: ") + std::strerror(errno));
  const std::string why = objection(info, max_bytes);
  if (!why.empty()) return refused(why);
  std::string text(static_cast<std::size_t>(info.st_size) + 1, '\0');
  std::size_t size = 0;
  while (size <= max_bytes) {  // it may have grown since
    if (size == text.size()) text.resize(std::min(2 * size, max_bytes + 1));
    const ssize_t got = read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_bytes) return refused("has more than " + megabytes(max_bytes));
  text.resize(size);
  return {FileText::State::read, std::move(text), ""};
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Fd open_folder(const std::filesystem::path& path) {
  return Fd(open(path.c_str(), kLook | O_DIRECTORY));
}

FileText read_beneath(const Fd& folder, const std::string& path, std::size_t max_bytes) {
  // Looked at first: to open a device can already do something.
  const Fd look(open_beneath(folder.get(), path, kLook));
  if (!look) return not_opened(errno);
  struct stat info {};
  if (fstat(look.get(), &info) != 0) return not_opened(errno);
  const std::string why = objection(info, max_bytes);
  if (!why.empty()) return refused(why);
  const Fd file(open_beneath(folder.get(), path, kRead));
  if (!file) return not_opened(errno);
  return read_all(file.get(), max_bytes);
}

bool exists_beneath(const Fd& folder, const std::string& path) {
  const Fd look(open_beneath(folder.get(), path, kLook));
  return look || (errno != ENOENT && errno != ENOTDIR);
}

FileText read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Fd file(open(path.c_str(), kRead));
  if (!file) return not_opened(errno);
  return read_all(file.get(), max_bytes);
}

void use_openat2(bool use) {
  openat2_wanted = use;
}

}  // namespace kata::catalog
