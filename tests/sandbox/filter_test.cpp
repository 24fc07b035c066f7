// Each call that the filter of a box must refuse, tried by a child that is under it. The arguments
// make no sense, so that without the filter the kernel would refuse them for another reason.
#include "sandbox/filter.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "sandbox/catch.hpp"

namespace kata::sandbox::test {
namespace {

constexpr int kNoFilter = 250;

bool put_filter() {
  std::vector<sock_filter> program(tool_filter().size() / sizeof(sock_filter));
  std::memcpy(program.data(), tool_filter().data(), tool_filter().size());
  const sock_fprog wanted{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &wanted) == 0;
}

struct Call {
  const char* name;
  long number;
  long first = -1;
  long second = -1;
};

// The wait status of a child that made the call under the filter and exited with its errno.
int status_of(const Call& call) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!put_filter()) ::_exit(kNoFilter);
    errno = 0;
    const long result = ::syscall(call.number, call.first, call.second, -1L, -1L, -1L, -1L);
    ::_exit(result >= 0 ? 0 : errno);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

#define KATA_CALL(name) \
  Call {                \
#name, SYS_##name   \
  }

TEST_CASE("a box is refused the calls that reach out of it") {
  REQUIRE(tool_filter().size() > sizeof(sock_filter));
  const std::vector<Call> refused{KATA_CALL(socket),
                                  KATA_CALL(socketpair),
                                  KATA_CALL(connect),
                                  KATA_CALL(ptrace),
                                  KATA_CALL(process_vm_readv),
                                  KATA_CALL(process_vm_writev),
                                  KATA_CALL(mount),
                                  KATA_CALL(umount2),
                                  KATA_CALL(pivot_root),
                                  KATA_CALL(chroot),
                                  KATA_CALL(move_mount),
                                  KATA_CALL(open_tree),
                                  KATA_CALL(fsopen),
                                  KATA_CALL(fsmount),
                                  KATA_CALL(mount_setattr),
                                  KATA_CALL(unshare),
                                  KATA_CALL(setns),
                                  KATA_CALL(bpf),
                                  KATA_CALL(perf_event_open),
                                  KATA_CALL(userfaultfd),
                                  KATA_CALL(io_uring_setup),
                                  KATA_CALL(io_uring_enter),
                                  KATA_CALL(keyctl),
                                  KATA_CALL(add_key),
                                  KATA_CALL(request_key),
                                  KATA_CALL(kexec_load),
                                  KATA_CALL(kexec_file_load),
                                  KATA_CALL(init_module),
                                  KATA_CALL(finit_module),
                                  KATA_CALL(delete_module),
                                  KATA_CALL(reboot),
                                  KATA_CALL(swapon),
                                  KATA_CALL(swapoff),
                                  KATA_CALL(settimeofday),
                                  KATA_CALL(clock_settime),
                                  KATA_CALL(clock_adjtime),
                                  KATA_CALL(personality),
                                  KATA_CALL(open_by_handle_at)};
  for (const Call& call : refused) {
    CAPTURE(call.name);
    CHECK(status_of(call) == EPERM << 8);
  }
}

TEST_CASE("a box is refused new namespaces and the typing of input") {
  for (const long flag : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC,
                          CLONE_NEWUTS, CLONE_NEWCGROUP}) {
    CAPTURE(flag);
    CHECK(status_of({"clone", SYS_clone, flag | SIGCHLD, 0}) == EPERM << 8);
  }
  CHECK(status_of({"ioctl", SYS_ioctl, -1, TIOCSTI}) == EPERM << 8);
  CHECK(status_of({"ioctl", SYS_ioctl, -1, TIOCLINUX}) == EPERM << 8);
  // The kernel drops the upper half of the request; so must the filter.
  CHECK(status_of({"ioctl", SYS_ioctl, -1, TIOCSTI | (1L << 40)}) == EPERM << 8);
}

TEST_CASE("a box may do what a compiler does") {
  CHECK(status_of({"ioctl", SYS_ioctl, -1, TIOCGWINSZ}) == EBADF << 8);
  CHECK(status_of({"clone3", SYS_clone3}) == ENOSYS << 8);  // the C library then uses clone
  CHECK(status_of({"execve", SYS_execve, 0, 0}) == EFAULT << 8);
  CHECK(status_of({"getpid", SYS_getpid}) == 0);
  CHECK(status_of({"memfd_create", SYS_memfd_create, 0, 0}) == EFAULT << 8);
}

#ifdef __x86_64__
TEST_CASE("calls by the numbers of another architecture end the process") {
  constexpr long kX32 = 0x40000000;
  const int status = status_of({"x32 getpid", kX32 | SYS_getpid});
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSYS);
}
#endif

}  // namespace
}  // namespace kata::sandbox::test
