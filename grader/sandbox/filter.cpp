#include "sandbox/filter.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace kata::sandbox {
namespace {

// Names, not numbers: libseccomp knows calls that these headers may not, and leaves out what the
// architecture lacks.
constexpr std::array kRefused{
    // the network, and sockets of any kind
    "socket", "socketpair", "bind", "listen", "accept", "accept4", "connect",
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
    // mounts and namespaces
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "unshare", "setns",
    // parts of the kernel that are large, rarely needed, and often broken
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "keyctl", "add_key", "request_key", "fanotify_init", "open_by_handle_at",
    "name_to_handle_at", "lookup_dcookie", "vmsplice",
    // the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "swapon", "swapoff", "syslog", "acct", "quotactl", "quotactl_fd", "iopl", "ioperm",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime", "sethostname",
    "setdomainname", "vhangup", "nfsservctl", "uselib", "personality", "modify_ldt",
    // shared memory that outlives a process
    "shmget", "msgget", "semget", "mq_open"};

constexpr std::uint64_t kNewNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                         CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

bool refuse(void* context, const char* name) {
  const int call = seccomp_syscall_resolve_name(name);
  // Unknown here: a kernel that has it is newer than this libseccomp, and the box holds anyway.
  if (call == __NR_SCMP_ERROR) return true;
  const int done = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), call, 0);
  return done == 0 || done == -EDOM;
}

// Where the masked bits of one argument have the given value.
bool refuse_where(void* context, int call, unsigned argument, std::uint64_t mask,
                  std::uint64_t value) {
  const scmp_arg_cmp where{argument, SCMP_CMP_MASKED_EQ, mask, value};
  return seccomp_rule_add_array(context, SCMP_ACT_ERRNO(EPERM), call, 1, &where) == 0;
}

bool refuse_by_argument(void* context) {
  bool done = true;
  for (std::uint64_t flag = 1; flag <= kNewNamespaces; flag <<= 1U) {
    if ((kNewNamespaces & flag) == 0) continue;
    done = done && refuse_where(context, SCMP_SYS(clone), 0, flag, flag);
  }
  // The kernel looks at the lower half of the request alone.
  for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}}) {
    done = done && refuse_where(context, SCMP_SYS(ioctl), 1, 0xffffffffU, request);
  }
  // The flags of clone3 are in memory, where no filter can see them; the C library then uses clone.
  return done && seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

std::string read_all(int file) {
  std::string bytes;
  std::array<char, 4096> block{};
  if (::lseek(file, 0, SEEK_SET) != 0) return {};
  for (;;) {
    const ssize_t got = ::read(file, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 ? bytes : std::string{};
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

std::string make_filter() {
  const Context context(seccomp_init(SCMP_ACT_ALLOW));
  if (!context) return {};
  // A 32-bit call would have other numbers: nothing here needs one.
  bool done = seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
  for (const char* name : kRefused) done = done && refuse(context.get(), name);
  done = done && refuse_by_argument(context.get());
  if (!done) return {};
  const int file = ::memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) return {};
  std::string bytes;
  if (seccomp_export_bpf(context.get(), file) == 0) bytes = read_all(file);
  ::close(file);
  return bytes;
}

}  // namespace

const std::string& tool_filter() {
  static const std::string filter = make_filter();
  return filter;
}

}  // namespace kata::sandbox
