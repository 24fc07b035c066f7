#include "sandbox/refusal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kata::sandbox {
namespace {

std::string first_line(const char* file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

bool same_folder(const char* left, const char* right) {
  struct stat a {};
  struct stat b {};
  // Who may not look at the first process of the system can't tell, and gets the benefit.
  if (::stat(left, &a) != 0 || ::stat(right, &b) != 0) return true;
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_mount_point(const std::string& folder) {
  std::ifstream mounts("/proc/self/mountinfo");
  if (!mounts) return true;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, point;
    words >> id >> parent >> device >> root >> point;
    if (point == folder) return true;
  }
  return false;
}

// The kernel refuses user namespaces to a process whose root is not the root of its mounts.
bool in_a_chroot() {
  return !is_mount_point("/") ||
         (same_folder("/proc/1/ns/mnt", "/proc/self/ns/mnt") && !same_folder("/proc/1/root/", "/"));
}

bool under_a_filter() {
  std::ifstream status("/proc/self/status");
  for (std::string name, value; status >> name && std::getline(status, value);) {
    if (name == "Seccomp:") return value.find('2') != std::string::npos;
  }
  return false;
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.max_user_namespaces = first_line("/proc/sys/user/max_user_namespaces");
  machine.unprivileged_userns_clone = first_line("/proc/sys/kernel/unprivileged_userns_clone");
  machine.apparmor_restricts = first_line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  machine.root = ::geteuid() == 0;
  machine.chrooted = in_a_chroot();
  machine.container = std::filesystem::exists("/.dockerenv") ||
                      std::filesystem::exists("/run/.containerenv") ||
                      ::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
  machine.filtered = under_a_filter();
  return machine;
}

std::string why_refused(const Machine& machine, const std::string& said) {
  if (machine.max_user_namespaces == "0") {
    return "User namespaces are switched off here (user.max_user_namespaces is 0). "
           "Fix: sudo sysctl -w user.max_user_namespaces=15000";
  }
  if (machine.chrooted) {
    return "This is a plain chroot, and the kernel refuses user namespaces in one. "
           "Fix: enter the folder with systemd-nspawn, or with bwrap --bind FOLDER / --dev /dev "
           "--proc /proc.";
  }
  if (!machine.root && machine.unprivileged_userns_clone == "0") {
    return "Only root may make user namespaces here (kernel.unprivileged_userns_clone is 0). "
           "Fix: sudo sysctl -w kernel.unprivileged_userns_clone=1";
  }
  if (!machine.root && machine.apparmor_restricts == "1") {
    return "AppArmor keeps user namespaces from programs without a profile "
           "(kernel.apparmor_restrict_unprivileged_userns is 1, as on Ubuntu 24.04). "
           "Fix: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give "
           "/usr/bin/bwrap an AppArmor profile that allows userns.";
  }
  if (machine.container || machine.filtered) {
    return "The container that this runs in refuses namespaces. Fix: start it with docker run "
           "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt "
           "systempaths=unconfined, or the same in its configuration.";
  }
  return "A box could not be started: " + (said.empty() ? "bubblewrap said nothing" : said) +
         ". Fix: try `bwrap --unshare-all --ro-bind / / true` until it works.";
}

}  // namespace kata::sandbox
