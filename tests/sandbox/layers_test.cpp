// What is said about the machine: each layer, why boxes are refused, and control groups.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sandbox/box.hpp"
#include "sandbox/catch.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/refusal.hpp"

namespace kata::sandbox::test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("every layer that someone else's code needs is found to work here") {
  const std::vector<Layer> found = layers();
  REQUIRE(found.size() == 9);
  for (const Layer& layer : found) {
    CAPTURE(layer.name, layer.detail);
    CHECK_FALSE(layer.detail.empty());
    if (layer.required) CHECK(layer.active);
  }
  CHECK(found.back().name == "control group");
  CHECK_FALSE(found.back().required);
}

TEST_CASE("each reason to refuse namespaces has its own fix") {
  Machine machine;
  CHECK(has(why_refused(machine, "bwrap: odd"), "bwrap: odd"));

  machine.apparmor_restricts = "1";
  CHECK(has(why_refused(machine, ""), "kernel.apparmor_restrict_unprivileged_userns=0"));
  machine.root = true;  // AppArmor's switch is for ordinary users
  CHECK_FALSE(has(why_refused(machine, ""), "AppArmor"));

  machine.filtered = true;
  CHECK(has(why_refused(machine, ""), "--security-opt seccomp=unconfined"));

  machine.root = false;
  machine.unprivileged_userns_clone = "0";
  CHECK(has(why_refused(machine, ""), "kernel.unprivileged_userns_clone=1"));

  machine.chrooted = true;
  CHECK(has(why_refused(machine, ""), "plain chroot"));

  machine.max_user_namespaces = "0";
  CHECK(has(why_refused(machine, ""), "user.max_user_namespaces=15000"));
}

TEST_CASE("this machine is not taken for one that refuses") {
  const Machine machine = this_machine();
  CHECK(machine.max_user_namespaces != "0");
  CHECK(machine.root == (::geteuid() == 0));
  CHECK_FALSE(machine.chrooted);
}

// The folders of groups that kata made and that the process is in, by their last names.
std::vector<std::filesystem::path> folders_of(pid_t process) {
  std::vector<std::filesystem::path> folders;
  std::ifstream lines("/proc/" + std::to_string(process) + "/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t name = line.find("/kata-");
    if (name == std::string::npos) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("/sys/fs/cgroup")) {
      if ("/" + entry.path().filename().string() == line.substr(name)) {
        folders.push_back(entry.path());
      }
    }
  }
  return folders;
}

TEST_CASE("a control group takes a process in, and is gone with its owner") {
  std::vector<std::filesystem::path> folders;
  {
    const Cgroup group(GroupLimits{});
    if (!group.active()) {
      WARN("not tried: " << group.detail());
      CHECK_FALSE(group.detail().empty());
      CHECK_FALSE(group.add(::getpid()));
      return;
    }
    const pid_t child = ::fork();
    if (child == 0) {
      ::pause();
      ::_exit(0);
    }
    CHECK(group.add(child));
    folders = folders_of(child);
    CHECK(folders.size() >= 1);
    for (const std::filesystem::path& folder : folders) CHECK(std::filesystem::exists(folder));
    CHECK_FALSE(group.oom_killed());
    CHECK_FALSE(group.add(0x7ffffff0));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  for (const std::filesystem::path& folder : folders) CHECK_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace kata::sandbox::test
