// Why a machine refuses the user namespaces that every box needs, and what to do about it.
#pragma once

#include <string>

namespace kata::sandbox {

/// What a machine says about itself. Numbers as in /proc/sys, empty where there is no such file.
struct Machine {
  std::string max_user_namespaces;        // user.max_user_namespaces
  std::string unprivileged_userns_clone;  // kernel.unprivileged_userns_clone, Debian's own switch
  std::string apparmor_restricts;         // kernel.apparmor_restrict_unprivileged_userns
  bool root = false;
  bool chrooted = false;   // in a plain chroot, whose / is no mount point
  bool container = false;  // Docker, Podman, Kubernetes
  bool filtered = false;   // under a seccomp filter already
};

Machine this_machine();

/// Full sentences: the reason, then the fix. `said` is bubblewrap's own message.
std::string why_refused(const Machine& machine, const std::string& said);

}  // namespace kata::sandbox
