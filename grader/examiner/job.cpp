#include "examiner/job.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <span>

namespace kata::examiner {

namespace {

bool send_all(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool receive_all(int socket, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = read(socket, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

bool send_frame(int socket, const std::vector<std::byte>& bytes) {
  if (bytes.size() > kLongestFrame) return false;
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return send_all(socket, {reinterpret_cast<const std::byte*>(&size), sizeof size}) &&
         send_all(socket, bytes);
}

bool receive_frame(int socket, std::vector<std::byte>& bytes) {
  std::uint32_t size = 0;
  if (!receive_all(socket, {reinterpret_cast<std::byte*>(&size), sizeof size})) return false;
  if (size > kLongestFrame) return false;
  bytes.resize(size);
  return receive_all(socket, bytes);
}

}  // namespace kata::examiner
