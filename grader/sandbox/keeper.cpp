#include "sandbox/keeper.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>

namespace kata::sandbox {
namespace {

constexpr int kFirstSpareFile = 16;  // above every file that the command gets
constexpr rlim_t kOpenFiles = 512;

// The report is far smaller than PIPE_BUF, so that it arrives whole or not at all.
void report(const Start& start, KeeperReport::Kind kind, int value) {
  const KeeperReport message{kind, value};
  while (::write(start.report, &message, sizeof message) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void give_up(const Start& start) {
  report(start, KeeperReport::Kind::not_started, errno);
  ::_exit(127);
}

void limit(int resource, rlim_t soft, rlim_t hard) {
  rlimit now{};
  ::getrlimit(static_cast<__rlimit_resource>(resource), &now);
  // Nobody but root may raise a limit: an inherited one that is stricter stays.
  const rlimit wanted{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &wanted);
}

void set_limits(const Limits& limits) {
  const auto seconds = static_cast<rlim_t>(std::ceil(std::max(1.0, limits.cpu_seconds)));
  limit(RLIMIT_CPU, seconds, seconds + 1);  // SIGXCPU, a second later SIGKILL
  limit(RLIMIT_AS, limits.memory_bytes, limits.memory_bytes);
  limit(RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_NOFILE, kOpenFiles, kOpenFiles);
}

// Not by sigaction: from glibc 2.41 on, that of SIGABRT takes a lock which another thread may have
// held, for its own fork, at the moment when this process was copied; nobody would ever release it.
void default_signals() {
  const std::array<unsigned long, 4> by_default{};  // the kernel's struct sigaction, all zero
  for (int signal = 1; signal < NSIG; ++signal)
    ::syscall(SYS_rt_sigaction, signal, by_default.data(), nullptr, sizeof(std::uint64_t));
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_on_exec_from(unsigned first) {
  if (::close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto last = static_cast<int>(std::min<rlim_t>(files.rlim_cur, 65536));
  for (int file = static_cast<int>(first); file < last; ++file) ::fcntl(file, F_SETFD, FD_CLOEXEC);
}

// Each file goes up first: its number may be one that another file is to have.
bool place_files(Start& start) {
  start.report = ::fcntl(start.report, F_DUPFD_CLOEXEC, kFirstSpareFile);
  for (int& file : start.files) {
    if (file >= 0 && (file = ::fcntl(file, F_DUPFD_CLOEXEC, kFirstSpareFile)) < 0) return false;
  }
  close_on_exec_from(0);
  for (std::size_t i = 0; i < start.files.size(); ++i) {
    if (start.files[i] >= 0 && ::dup2(start.files[i], static_cast<int>(i)) < 0) return false;
  }
  return true;
}

[[noreturn]] void become_command(Start start, pid_t keeper) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != keeper) ::_exit(127);
  ::setsid();
  if (!place_files(start)) give_up(start);
  if (::chdir(start.folder) != 0) give_up(start);
  if (start.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up(start);
  set_limits(*start.limits);
  default_signals();
  ::execve(start.program, start.argv, start.environment);
  give_up(start);
}

// Kills each child that the kernel lists. Children of a killed child become ours before its death
// is reported, so the next call finds them.
void kill_children() {
  const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list < 0) return;
  std::array<char, 4096> block{};
  pid_t number = 0;
  for (ssize_t got = 0; (got = ::read(list, block.data(), block.size())) > 0;) {
    for (ssize_t i = 0; i < got; ++i) {
      const char c = block[static_cast<std::size_t>(i)];
      if (c >= '0' && c <= '9') {
        number = number * 10 + (c - '0');
      } else {
        if (number > 1) ::kill(number, SIGKILL);
        number = 0;
      }
    }
  }
  ::close(list);
}

// Waits for the command or for SIGTERM, then for everything that is left.
int tend(pid_t command, const sigset_t& awaited) {
  int status = 0;
  int status_of_command = 0;
  bool running = true;
  while (running) {
    const pid_t gone = ::waitpid(-1, &status, WNOHANG);
    if (gone == command) {
      status_of_command = status;
      running = false;
    } else if (gone == 0 && ::sigwaitinfo(&awaited, nullptr) == SIGTERM) {
      break;
    }
  }
  for (;;) {
    if (running) ::kill(-command, SIGKILL);  // its number is its own until it is reaped
    kill_children();
    const pid_t gone = ::waitpid(-1, &status, 0);
    if (gone < 0 && errno == ECHILD) return status_of_command;
    if (gone == command) {
      status_of_command = status;
      running = false;
    }
  }
}

[[noreturn]] void keep(const Start& start, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(127);
  ::setsid();  // an interrupt from the terminal is for kata
  ::signal(SIGCHLD, SIG_DFL);
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) give_up(start);
  char byte = 0;
  while (::read(start.go, &byte, 1) < 0 && errno == EINTR) {
  }
  const pid_t self = ::getpid();
  // vfork: the keeper has no use for a copy of its memory, and waits until the command has its own.
  const pid_t command = ::vfork();
  if (command < 0) give_up(start);
  if (command == 0) become_command(start, self);

  // The pipes must close with the last process of the command.
  const int report_file = ::fcntl(start.report, F_DUPFD_CLOEXEC, kFirstSpareFile);
  ::close_range(0, static_cast<unsigned>(report_file) - 1, 0);
  ::close_range(static_cast<unsigned>(report_file) + 1, ~0U, 0);
  sigset_t awaited;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGCHLD);
  ::sigaddset(&awaited, SIGTERM);
  Start mine = start;
  mine.report = report_file;
  report(mine, KeeperReport::Kind::ended, tend(command, awaited));
  ::_exit(0);
}

}  // namespace

pid_t start_keeper(const Start& start) {
  // Until the keeper waits for its signals, none of kata's handlers may run in it.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = ::getpid();
  const pid_t keeper = ::_Fork();
  if (keeper == 0) keep(start, parent);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return keeper;
}

}  // namespace kata::sandbox
