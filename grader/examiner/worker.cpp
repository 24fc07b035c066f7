#include "examiner/worker.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace kata::examiner {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kArena = std::size_t{1} << 30;  // sparse: costs nothing until it is used
constexpr std::uint64_t kStack = std::uint64_t{64} << 20;
constexpr std::uint64_t kProgramItself = std::uint64_t{64} << 20;

[[noreturn]] void fault(const char* what) {
  throw sandbox::LauncherError(std::string(what) + ": " + std::strerror(errno));
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : "SIG" + std::string(name);
}

std::string call_name(int number) {
  char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
  std::string text = name == nullptr ? "system call " + std::to_string(number) : name;
  std::free(name);
  return text;
}

/// What a refused system call usually means in an answer.
std::string meaning(const std::string& call) {
  if (call == "clone" || call == "clone3" || call == "fork" || call == "vfork")
    return "it starts a thread or a process; an answer runs on one thread";
  if (call == "open" || call == "openat" || call == "openat2")
    return "it opens a file; an answer works on its arguments alone";
  if (call == "nanosleep" || call == "clock_nanosleep") return "it sleeps";
  if (call == "socket" || call == "connect") return "it opens a network connection";
  if (call == "execve" || call == "execveat") return "it starts a program";
  if (call == "rt_sigaction" || call == "sigaltstack") return "it handles signals";
  return "an answer computes, and needs nothing else of the system";
}

}  // namespace

SharedMemory::SharedMemory() {
  const auto make = [](const char* name, std::byte*& at) {
    sandbox::Descriptor file(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.valid() || ftruncate(file.get(), kArena) != 0) fault("cannot make shared memory");
    void* mapped = mmap(nullptr, kArena, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) fault("cannot map shared memory");
    at = static_cast<std::byte*>(mapped);
    if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
      fault("cannot seal memory");
    return file;
  };
  sandbox::Descriptor inputs = make("inputs", arenas_.readable);
  writable_ = make("outputs", arenas_.writable);
  arenas_.readable_size = arenas_.writable_size = kArena;
  // Our own mapping stays writable; nobody else can make one.
  if (fcntl(inputs.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE) != 0) fault("cannot seal the inputs");
  const std::string self = "/proc/self/fd/" + std::to_string(inputs.get());
  readable_ = sandbox::Descriptor(open(self.c_str(), O_RDONLY | O_CLOEXEC));
  if (!readable_.valid()) fault("cannot reopen the inputs for reading only");
}

SharedMemory::~SharedMemory() {
  if (arenas_.readable != nullptr) munmap(arenas_.readable, kArena);
  if (arenas_.writable != nullptr) munmap(arenas_.writable, kArena);
}

Worker::Worker(sandbox::Launcher& launcher, int program, const WorkerLimits& limits,
               const std::string& variant)
    : launcher_(launcher), limits_(limits) {
  std::array<int, 2> socket{};
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket.data()) != 0 ||
      pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
    fault("cannot make a channel");
  socket_ = sandbox::Descriptor(socket[0]);
  out_ = sandbox::Descriptor(out[0]);
  err_ = sandbox::Descriptor(err[0]);
  const sandbox::Descriptor their_socket(socket[1]);
  const sandbox::Descriptor their_out(out[1]);
  const sandbox::Descriptor their_err(err[1]);
  fcntl(out_.get(), F_SETFL, O_NONBLOCK);
  fcntl(err_.get(), F_SETFL, O_NONBLOCK);

  sandbox::LauncherRequest request;
  request.profile = limits_.profile;
  if (limits_.profile == sandbox::Profile::narrow)
    request.address_space = limits_.memory_bytes + 2 * kArena + kStack + kProgramItself;
  request.stack = kStack;
  request.cpu_seconds = static_cast<std::uint64_t>(std::ceil(limits_.cpu_seconds)) + 1;
  process_ = launcher_.start(request, {program, their_out.get(), their_err.get(),
                                       their_socket.get(), memory_.readable(), memory_.writable()});
  running_ = true;
  const wire::Hello hello{memory_.arenas().readable_size, memory_.arenas().writable_size,
                          variant.size()};
  send({reinterpret_cast<const std::byte*>(&hello), sizeof hello});
  send({reinterpret_cast<const std::byte*>(variant.data()), variant.size()});
}

Worker::~Worker() {
  try {
    end();
  } catch (const sandbox::LauncherError&) {
    // The launcher is gone, and the worker with it. The next start reports it.
  }
}

void Worker::kill() {
  syscall(SYS_pidfd_send_signal, process_.pidfd.get(), SIGKILL, nullptr, 0);
}

void Worker::end() {
  if (!running_) return;
  running_ = false;
  kill();
  launcher_.wait_end();
  drain(out_);
  drain(err_);
}

double Worker::cpu_seconds() const {
  const std::string path = "/proc/" + std::to_string(process_.pid) + "/schedstat";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long nanoseconds = 0;
  const int read = std::fscanf(file, "%llu", &nanoseconds);  // NOLINT(cert-err34-c)
  std::fclose(file);
  return read == 1 ? static_cast<double>(nanoseconds) * 1e-9 : 0;
}

void Worker::drain(sandbox::Descriptor& pipe) {
  std::array<char, 4096> buffer{};
  while (pipe.valid()) {
    const ssize_t n = read(pipe.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // nothing more for now
    if (n == 0) return pipe.reset();
    const auto size = static_cast<std::size_t>(n);
    printed_total_ += size;
    printed_.append(buffer.data(), std::min(size, kShown - std::min(kShown, printed_.size())));
    if (printed_total_ > kMostPrinted) return;
  }
}

void Worker::lose(Cause cause, std::string detail, std::string signal, const std::string& call) {
  end();
  throw Loss{cause, std::move(detail), std::move(signal), call};
}

void Worker::lose_by_refusal(const std::string& call) {
  seccomp_notif notification{};
  std::string name = "a system call";
  if (ioctl(process_.listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &notification) == 0)
    name = call_name(notification.data.nr);
  lose(Cause::forbidden_call,
       call + " made the system call `" + name + "`, which the sandbox refuses: " + meaning(name),
       name, call);
}

void Worker::lose_by_end(const std::string& call) {
  running_ = false;
  const sandbox::EndedWorker ended = launcher_.wait_end();
  drain(out_);
  drain(err_);
  const int status = ended.wait_status;
  if (WIFEXITED(status))
    throw Loss{Cause::crashed,
               call + " ended the whole program (exit status " +
                   std::to_string(WEXITSTATUS(status)) + ") instead of returning",
               "exit", call};
  const int number = WTERMSIG(status);
  if (number == SIGXCPU)
    throw Loss{Cause::timed_out, call + " did not return within its time", "SIGXCPU", call};
  if (number == SIGKILL)
    throw Loss{Cause::out_of_memory, call + " was killed by the system, most likely for its memory",
               "SIGKILL", call};
  std::string why = " crashed";
  if (number == SIGSEGV || number == SIGBUS)
    why =
        " read or wrote memory that is not its own (an index out of range, an input that it tried "
        "to change, or a recursion without end)";
  if (number == SIGABRT) why = " aborted (a failed assertion or an exception that nobody caught)";
  if (number == SIGFPE) why = " divided an integer by zero";
  if (number == SIGILL)
    why = " ran into an illegal instruction (often a function without a return)";
  throw Loss{Cause::crashed, call + why, signal_name(number), call};
}

void Worker::wait_for_socket(const std::string& call) {
  const Clock::time_point start = Clock::now();
  const double cpu_before = cpu_seconds();
  for (;;) {
    std::array<pollfd, 5> watched{{{socket_.get(), POLLIN, 0},
                                   {process_.listener.get(), POLLIN, 0},
                                   {launcher_.descriptor(), POLLIN, 0},
                                   {out_.get(), POLLIN, 0},
                                   {err_.get(), POLLIN, 0}}};
    const int n = poll(watched.data(), watched.size(), 50);
    if (n < 0 && errno != EINTR) fault("cannot wait for the worker");
    if (watched[3].revents != 0) drain(out_);
    if (watched[4].revents != 0) drain(err_);
    if (printed_total_ > kMostPrinted)
      lose(Cause::output_limit,
           call + " printed more than " + std::to_string(kMostPrinted >> 20) + " MiB", "", call);
    if ((watched[1].revents & POLLIN) != 0) lose_by_refusal(call);
    if (watched[0].revents & POLLIN) return;
    if (watched[2].revents != 0 || (watched[0].revents & (POLLHUP | POLLERR)) != 0)
      lose_by_end(call);
    const std::chrono::duration<double> waited = Clock::now() - start;
    if (waited.count() > 3 * limits_.cpu_seconds + 2 ||
        (waited.count() > limits_.cpu_seconds &&
         cpu_seconds() - cpu_before > limits_.cpu_seconds)) {
      std::array<char, 32> seconds{};
      std::snprintf(seconds.data(), seconds.size(), "%.3g", limits_.cpu_seconds);
      lose(Cause::timed_out,
           call + " did not return within " + seconds.data() +
               " s: is there a loop that never ends?",
           "", call);
    }
  }
}

void Worker::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // it died: reply() finds out how
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void Worker::receive(std::byte* to, std::size_t size, const std::string& call) {
  while (size > 0) {
    wait_for_socket(call);
    const ssize_t n = read(socket_.get(), to, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) lose_by_end(call);
    to += n;
    size -= static_cast<std::size_t>(n);
  }
}

void Worker::request(std::uint32_t function, std::uint32_t count,
                     std::span<const std::byte> arguments) {
  const wire::Request header{function, count, arguments.size()};
  send({reinterpret_cast<const std::byte*>(&header), sizeof header});
  send(arguments);
}

wire::Reply Worker::reply(std::vector<std::byte>& payload, const std::string& call) {
  wire::Reply header;
  receive(reinterpret_cast<std::byte*>(&header), sizeof header, call);
  if (header.size > wire::kLongestReply)
    lose(Cause::broken_reply, call + " returned a reply of an impossible length", "", call);
  payload.resize(header.size);
  receive(payload.data(), payload.size(), call);
  // Only now, and only as far as it matters: a reply may overtake what was printed before it.
  drain(out_);
  drain(err_);
  return header;
}

void Worker::answer_callback(std::span<const std::byte> bytes) {
  const wire::CallbackReply header{bytes.size()};
  send({reinterpret_cast<const std::byte*>(&header), sizeof header});
  send(bytes);
}

}  // namespace kata::examiner
