// The launcher: the one program in the workers' box. It waits for the examiner's word, and for each
// worker it forks, gives up everything, and executes the worker's program from a descriptor.
//
//   examiner ──socket──▶ launcher (in the box) ──fork──▶ worker: limits, filter, exec
//                                                          │ from here on the answer's code runs
//
// The filter is in force before the exec, so before the first instruction that an answer can
// influence. What is not on its list does not fail silently: the kernel hands it to a listener, the
// listener belongs to the examiner, and the verdict names the call. The listener's descriptor is
// made in the child and fetched by the parent with pidfd_getfd, since the child must not be able to
// send it.
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "sandbox/launcher_protocol.hpp"

namespace {

using kata::sandbox::LauncherReply;
using kata::sandbox::LauncherRequest;
using kata::sandbox::Profile;

constexpr int kProgram = 9;  // the worker's program, closed by its exec
constexpr int kDescriptors = 6;

/// Shared with the child until it executes.
struct Handshake {
  std::atomic<int> listener{-1};
  std::atomic<int> fetched{0};
  std::atomic<int> error{0};
  char step[32] = {};
};

long futex(std::atomic<int>* word, int operation, int value) {
  return syscall(SYS_futex, word, operation, value, nullptr, nullptr, 0);
}

// ---------------------------------------------------------------------------------------------
// The child

[[noreturn]] void give_up(Handshake& shared, const char* step) {
  std::snprintf(shared.step, sizeof shared.step, "%s", step);
  shared.error = errno == 0 ? EINVAL : errno;
  futex(&shared.listener, FUTEX_WAKE, 1);
  _exit(127);
}

void limit(Handshake& shared, decltype(RLIMIT_AS) what, rlim_t value, rlim_t hard) {
  const rlimit r{value, hard};
  if (setrlimit(what, &r) != 0) give_up(shared, "setrlimit");
}

void set_limits(Handshake& shared, const LauncherRequest& request) {
  if (request.address_space != 0)
    limit(shared, RLIMIT_AS, request.address_space, request.address_space);
  limit(shared, RLIMIT_STACK, request.stack, request.stack);
  limit(shared, RLIMIT_CPU, request.cpu_seconds, request.cpu_seconds + 1);
  limit(shared, RLIMIT_FSIZE, 0, 0);
  limit(shared, RLIMIT_CORE, 0, 0);
  limit(shared, RLIMIT_MEMLOCK, 0, 0);
  limit(shared, RLIMIT_MSGQUEUE, 0, 0);
  limit(shared, RLIMIT_NOFILE, 16, 16);
}

/// Descriptors 1 to 5 and the program in place, 0 at its end, everything else closed.
void place_descriptors(Handshake& shared, int* received) {
  // First out of the way of the low numbers, then down to them.
  for (int i = 0; i < kDescriptors; ++i) {
    received[i] = fcntl(received[i], F_DUPFD_CLOEXEC, 20);
    if (received[i] < 0) give_up(shared, "move descriptors");
  }
  int nothing[2];
  if (pipe(nothing) != 0 || dup2(nothing[0], 0) < 0) give_up(shared, "standard input");
  if (dup3(received[0], kProgram, O_CLOEXEC) < 0) give_up(shared, "program");
  for (int i = 1; i < kDescriptors; ++i)
    if (dup2(received[i], i) < 0) give_up(shared, "place descriptors");
  for (int fd = kDescriptors; fd < 128; ++fd)
    if (fd != kProgram) close(fd);
}

class Filter {
 public:
  Filter(Handshake& shared, std::uint32_t otherwise)
      : shared_(shared), context_(seccomp_init(otherwise)) {
    if (context_ == nullptr) give_up(shared_, "filter");
  }
  template <class... Conditions>
  void add(std::uint32_t action, int call, Conditions... conditions) {
    if (seccomp_rule_add(context_, action, call, sizeof...(conditions), conditions...) != 0)
      give_up(shared_, "filter rule");
  }
  template <class... Calls>
  void allow(Calls... calls) {
    (add(SCMP_ACT_ALLOW, calls), ...);
  }
  /// Returns the listener.
  int install() {
    if (seccomp_load(context_) != 0) give_up(shared_, "filter load");
    return seccomp_notify_fd(context_);
  }

 private:
  Handshake& shared_;
  scmp_filter_ctx context_;
};

/// What a single-threaded program that computes needs of the kernel.
void narrow_rules(Filter& f) {
  f.allow(SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(futex), SCMP_SYS(exit),
          SCMP_SYS(exit_group), SCMP_SYS(close), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
          SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(arch_prctl), SCMP_SYS(set_tid_address),
          SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
          SCMP_SYS(restart_syscall));
  // Its own channels, by number.
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(read), SCMP_A0(SCMP_CMP_EQ, 3));
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(read), SCMP_A0(SCMP_CMP_EQ, 0));
  for (const unsigned fd : {1U, 2U, 3U})
    f.add(SCMP_ACT_ALLOW, SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, fd));
  for (const unsigned fd : {1U, 2U})
    f.add(SCMP_ACT_ALLOW, SCMP_SYS(writev), SCMP_A0(SCMP_CMP_EQ, fd));
  // Memory, never executable; files only the two that it was given.
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
        SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
  for (const unsigned fd : {4U, 5U})
    f.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
          SCMP_A3(SCMP_CMP_EQ, MAP_SHARED), SCMP_A4(SCMP_CMP_EQ, fd));
  // abort() signals itself, and nobody else.
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<unsigned>(getpid())),
        SCMP_A2(SCMP_CMP_EQ, SIGABRT));
  // Asked by the C library at its start or on first output: answered "no", which it takes well.
  f.add(SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(readlink));
  f.add(SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(readlinkat));
  f.add(SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), SCMP_A0(SCMP_CMP_LE, 2));
  f.add(SCMP_ACT_ERRNO(ESPIPE), SCMP_SYS(lseek), SCMP_A0(SCMP_CMP_LE, 2));
  f.add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(fstat), SCMP_A0(SCMP_CMP_LE, 2));
  f.add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(newfstatat), SCMP_A0(SCMP_CMP_LE, 2));
  f.add(SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_NE, 0));
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0));
  f.add(SCMP_ACT_ERRNO(0), SCMP_SYS(madvise));
  // pthread_create first handles its own two signals: let it come to the clone, which has the name
  // that a person understands.
  for (const unsigned number : {32U, 33U})
    f.add(SCMP_ACT_ERRNO(0), SCMP_SYS(rt_sigaction), SCMP_A0(SCMP_CMP_EQ, number));
  // The exec that is still to come. Its descriptor closes with it, and no other can get this
  // number.
  f.add(SCMP_ACT_ALLOW, SCMP_SYS(execveat), SCMP_A0(SCMP_CMP_EQ, kProgram),
        SCMP_A4(SCMP_CMP_EQ, AT_EMPTY_PATH));
}

/// The sanitizers' runtime wants much of the kernel; what reaches others stays refused.
void sanitized_rules(Filter& f) {
  for (const int call : {SCMP_SYS(socket),
                         SCMP_SYS(socketpair),
                         SCMP_SYS(connect),
                         SCMP_SYS(bind),
                         SCMP_SYS(kill),
                         SCMP_SYS(tkill),
                         SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(fork),
                         SCMP_SYS(vfork),
                         SCMP_SYS(clone),
                         SCMP_SYS(clone3),
                         SCMP_SYS(execve),
                         SCMP_SYS(unshare),
                         SCMP_SYS(setns),
                         SCMP_SYS(mount),
                         SCMP_SYS(bpf),
                         SCMP_SYS(io_uring_setup),
                         SCMP_SYS(keyctl),
                         SCMP_SYS(add_key),
                         SCMP_SYS(perf_event_open),
                         SCMP_SYS(userfaultfd),
                         SCMP_SYS(memfd_create),
                         SCMP_SYS(pidfd_open),
                         SCMP_SYS(pidfd_getfd)})
    f.add(SCMP_ACT_NOTIFY, call);
}

[[noreturn]] void become_worker(Handshake& shared, const LauncherRequest& request, int* received) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  place_descriptors(shared, received);
  set_limits(shared, request);
  const bool narrow = request.profile == Profile::narrow;
  Filter filter(shared, narrow ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW);
  narrow ? narrow_rules(filter) : sanitized_rules(filter);
  const int listener = filter.install();
  // From here on the filter holds for us too: shared memory, futex and execveat are all there is.
  shared.listener = listener;
  futex(&shared.listener, FUTEX_WAKE, 1);
  while (shared.fetched == 0) futex(&shared.fetched, FUTEX_WAIT, 0);
  char name[] = "worker";
  char options[] =
      "ASAN_OPTIONS=detect_leaks=0:abort_on_error=0:exitcode=99:color=never:print_legend=0";
  char undefined[] = "UBSAN_OPTIONS=print_stacktrace=1:color=never";
  char* argv[] = {name, nullptr};
  char* bare[] = {nullptr};
  char* sanitizers[] = {options, undefined, nullptr};
  syscall(SYS_execveat, kProgram, "", argv, narrow ? bare : sanitizers, AT_EMPTY_PATH);
  _exit(126);
}

// ---------------------------------------------------------------------------------------------
// The launcher

void send(const LauncherReply& reply, const int* descriptors, int count) {
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  iovec io{const_cast<LauncherReply*>(&reply), sizeof reply};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(static_cast<std::size_t>(count) * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(static_cast<std::size_t>(count) * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors, static_cast<std::size_t>(count) * sizeof(int));
  }
  if (sendmsg(kata::sandbox::kLauncherSocket, &message, MSG_NOSIGNAL) < 0) _exit(0);
}

void send_failed(const char* step, int error) {
  LauncherReply reply;
  reply.kind = LauncherReply::Kind::failed;
  reply.error = error;
  std::snprintf(reply.step, sizeof reply.step, "%s", step);
  send(reply, nullptr, 0);
}

Handshake* shared_page() {
  void* at =
      mmap(nullptr, sizeof(Handshake), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? nullptr : new (at) Handshake();
}

void start(const LauncherRequest& request, int* received) {
  Handshake* shared = shared_page();
  if (shared == nullptr) return send_failed("shared page", errno);
  const pid_t child = fork();
  if (child == 0) become_worker(*shared, request, received);
  if (child < 0) {
    send_failed("fork", errno);
  } else {
    while (shared->listener < 0 && shared->error == 0) {
      // The child can also die without a word (memory): look again from time to time.
      const timespec moment{0, 50'000'000};
      syscall(SYS_futex, &shared->listener, FUTEX_WAIT, -1, &moment, nullptr, 0);
      if (shared->listener < 0 && waitpid(child, nullptr, WNOHANG) == child && shared->error == 0)
        shared->error = ECHILD;
    }
    if (shared->error != 0) {
      send_failed(shared->step, shared->error);
      waitpid(child, nullptr, 0);
    } else {
      const auto pidfd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
      const auto listener =
          static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, shared->listener.load(), 0));
      if (pidfd < 0 || listener < 0) {
        send_failed("pidfd_getfd", errno);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
      } else {
        LauncherReply reply;
        reply.kind = LauncherReply::Kind::started;
        const int descriptors[] = {pidfd, listener};
        send(reply, descriptors, 2);
        shared->fetched = 1;
        futex(&shared->fetched, FUTEX_WAKE, 1);
      }
      if (pidfd >= 0) close(pidfd);
      if (listener >= 0) close(listener);
    }
  }
  munmap(shared, sizeof *shared);
}

void reap() {
  for (;;) {
    int status = 0;
    rusage usage{};
    const pid_t child = wait4(-1, &status, WNOHANG, &usage);
    if (child <= 0) return;
    LauncherReply reply;
    reply.kind = LauncherReply::Kind::ended;
    reply.wait_status = status;
    reply.peak_bytes = usage.ru_maxrss * 1024L;
    reply.cpu_microseconds = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000L +
                             usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    send(reply, nullptr, 0);
  }
}

/// One request from the examiner. Its end of the socket closed: the end.
void serve() {
  LauncherRequest request;
  alignas(cmsghdr) char control[CMSG_SPACE(kDescriptors * sizeof(int))] = {};
  iovec io{&request, sizeof request};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(kata::sandbox::kLauncherSocket, &message, MSG_CMSG_CLOEXEC);
  if (n <= 0) _exit(0);
  int received[kDescriptors];
  int count = 0;
  for (cmsghdr* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
    count = static_cast<int>((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(received, CMSG_DATA(h), static_cast<std::size_t>(count) * sizeof(int));
  }
  if (n == sizeof request && request.kind == LauncherRequest::Kind::start && count == kDescriptors)
    start(request, received);
  else
    send_failed("request", EPROTO);
  for (int i = 0; i < count; ++i) close(received[i]);
}

}  // namespace

int main() {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  const int signals = signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
  send(LauncherReply{}, nullptr, 0);
  for (;;) {
    pollfd watched[] = {{kata::sandbox::kLauncherSocket, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(watched, 2, -1) < 0 && errno != EINTR) return 1;
    if (watched[1].revents != 0) {
      signalfd_siginfo drained;
      while (read(signals, &drained, sizeof drained) > 0) continue;
      reap();
    }
    if (watched[0].revents != 0) serve();
  }
}
