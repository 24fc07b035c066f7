#include "sandbox/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace kata::sandbox {

namespace {

std::string reason(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

/// "Pid:" of a pidfd, as this process sees it.
pid_t pid_of(int pidfd) {
  const std::string path = "/proc/self/fdinfo/" + std::to_string(pidfd);
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return 0;
  std::array<char, 256> line{};
  int pid = 0;
  while (std::fgets(line.data(), line.size(), file) != nullptr)
    if (std::sscanf(line.data(), "Pid: %d", &pid) == 1) break;  // NOLINT(cert-err34-c)
  std::fclose(file);
  return pid;
}

std::vector<std::string> command(const std::filesystem::path& program, Profile profile,
                                 bool sandboxed) {
  if (!sandboxed) return {program.string()};
  Box box;
  box.binds.push_back({program, "/launcher", false});
  if (profile == Profile::sanitized) {
    // A sanitized worker is dynamic: its libraries, and /proc for its memory map.
    box.binds.push_back({"/usr/lib", "/usr/lib", false});
    box.links.emplace_back("usr/lib", "/lib");
    if (std::filesystem::exists("/usr/lib64")) {
      box.binds.push_back({"/usr/lib64", "/usr/lib64", false});
      box.links.emplace_back("usr/lib64", "/lib64");
    }
    box.own_proc = true;
  }
  std::vector<std::string> argv = bubblewrap(box);
  argv.emplace_back("/launcher");
  return argv;
}

}  // namespace

Launcher::Launcher(const std::filesystem::path& program, Profile profile, bool sandboxed) {
  int pair[2];
  int error[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    throw LauncherError(reason("cannot make a socket for the sandbox"));
  socket_ = Descriptor(pair[0]);
  const Descriptor theirs(pair[1]);
  if (pipe2(error, O_CLOEXEC) != 0)
    throw LauncherError(reason("cannot make a pipe for the sandbox"));
  error_ = Descriptor(error[0]);
  const Descriptor their_error(error[1]);

  const std::vector<std::string> words = command(program, profile, sandboxed);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) throw LauncherError(reason("cannot start a process for the sandbox"));
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    // The socket goes through a high number first: it may itself be 0, 1 or 2.
    const int socket = fcntl(theirs.get(), F_DUPFD_CLOEXEC, 10);
    const int errors = fcntl(their_error.get(), F_DUPFD_CLOEXEC, 10);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(errors, 2);
    dup2(socket, kLauncherSocket);
    execvp(argv[0], argv.data());
    dprintf(2, "%s: %s", argv[0], std::strerror(errno));
    _exit(127);
  }
}

Launcher::~Launcher() {
  socket_.reset();  // the launcher leaves when its socket closes, and the box with it
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::string Launcher::last_words() {
  std::string text;
  std::array<char, 1024> buffer{};
  pollfd watched{error_.get(), POLLIN, 0};
  while (text.size() < 4096 && poll(&watched, 1, 100) > 0) {
    const ssize_t n = read(error_.get(), buffer.data(), buffer.size());
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

LauncherReply Launcher::receive(Descriptor* pidfd, Descriptor* listener) {
  pollfd watched{socket_.get(), POLLIN, 0};
  int polled = 0;
  do polled = poll(&watched, 1, 20'000);
  while (polled < 0 && errno == EINTR);
  if (polled == 0) throw LauncherError("the sandbox did not answer within 20 s");
  LauncherReply reply;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
  iovec io{&reply, sizeof reply};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  if (n != static_cast<ssize_t>(sizeof reply)) {
    const std::string words = last_words();
    throw LauncherError("the sandbox could not be started or was lost" +
                        (words.empty() ? std::string() : ": " + words));
  }
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
    std::array<int, 2> received{};
    std::memcpy(received.data(), CMSG_DATA(header), sizeof received);
    Descriptor first(received[0]);
    Descriptor second(received[1]);
    if (pidfd != nullptr) *pidfd = std::move(first);
    if (listener != nullptr) *listener = std::move(second);
  }
  if (reply.kind == LauncherReply::Kind::failed)
    throw LauncherError("the sandbox could not start a worker (" + std::string(reply.step) +
                        "): " + std::strerror(reply.error));
  return reply;
}

RunningWorker Launcher::start(const LauncherRequest& request, const WorkerDescriptors& d) {
  if (!ready_) {
    receive(nullptr, nullptr);
    ready_ = true;
  }
  const std::array<int, 6> descriptors{d.program, d.out, d.err, d.socket, d.readable, d.writable};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
  LauncherRequest copy = request;
  iovec io{&copy, sizeof copy};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
  if (sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0)
    throw LauncherError("the sandbox was lost: " + last_words());

  RunningWorker worker;
  receive(&worker.pidfd, &worker.listener);
  if (!worker.pidfd.valid() || !worker.listener.valid())
    throw LauncherError("the sandbox started a worker but did not hand it over");
  worker.pid = pid_of(worker.pidfd.get());
  return worker;
}

EndedWorker Launcher::wait_end() {
  const LauncherReply reply = receive(nullptr, nullptr);
  return {reply.wait_status, reply.peak_bytes, static_cast<double>(reply.cpu_microseconds) * 1e-6};
}

}  // namespace kata::sandbox
