// Nothing that a command has started is there when run() returns, whatever it tried.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "sandbox/catch.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/shell.hpp"

namespace kata::sandbox::test {
namespace {

using How = Finished::How;

// A number of seconds that no other process sleeps for, so that running_with finds ours.
std::string nap() {
  static int number = 0;
  return "60." + std::to_string(::getpid()) + std::to_string(++number);
}

TEST_CASE("what runs in the background is gone when its parent has ended") {
  for (const bool boxed : {false, true}) {
    for (const char* start :
         {"sleep ", "setsid sleep ", "(setsid sh -c \"trap '' TERM HUP; sleep "}) {
      CAPTURE(boxed, start);
      const std::string seconds = nap();
      const std::string end = start[0] == '(' ? "; true\" &);" : " &";
      const std::string script = start + seconds + end + " sleep 0.1; echo left";
      const Finished finished = run(boxed ? boxed_shell(script) : shell(script));
      CHECK(finished.how == How::exited);
      CHECK(finished.out == "left\n");
      CHECK(finished.wall_seconds < 5);
      CHECK(running_with(seconds) == 0);
    }
  }
}

TEST_CASE("what runs in the background is gone after a limit") {
  for (const bool boxed : {false, true}) {
    CAPTURE(boxed);
    const std::string seconds = nap();
    const std::string script = "setsid sleep " + seconds + " & setsid sh -c 'sleep " + seconds +
                               "; true' & sleep " + seconds;
    Command command = boxed ? boxed_shell(script) : shell(script);
    command.limits.wall_seconds = 0.4;
    CHECK(run(command).how == How::timed_out);
    CHECK(running_with(seconds) == 0);
  }
}

TEST_CASE("a fork bomb is contained, and nothing of it survives") {
  const std::string seconds = nap();
  Command command = boxed_shell("bomb() { sleep " + seconds + " & bomb & bomb; }; bomb");
  command.limits.wall_seconds = 1;
  command.limits.processes = 30;
  int most = 0;
  std::thread watcher([&] {
    for (int i = 0; i < 9; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      most = std::max(most, running_with(seconds));
    }
  });
  const Finished finished = run(command);
  watcher.join();
  CHECK(finished.how != How::not_started);
  CHECK(finished.wall_seconds < 5);
  CHECK(running_with(seconds) == 0);
  CHECK(most > 0);
  if (Cgroup(GroupLimits{}).active()) CHECK(most < 30);
}

// Runs a command in a process of its own, kills that process without warning, and returns how many
// processes were there before, and three seconds later at most.
std::pair<int, int> left_behind(const Command& command, const std::string& word) {
  const pid_t kata = ::fork();
  if (kata == 0) {
    run(command);
    ::_exit(0);
  }
  const auto wait_until = [&word](int count) {
    for (int i = 0; i < 150 && running_with(word) != count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return running_with(word);
  };
  const int before = wait_until(1);
  ::kill(kata, SIGKILL);
  ::waitpid(kata, nullptr, 0);
  return {before, wait_until(0)};
}

TEST_CASE("a command dies with kata") {
  std::string seconds = nap();
  const std::pair<int, int> bare = left_behind(shell("exec sleep " + seconds), seconds);
  CHECK(bare.first == 1);
  CHECK(bare.second == 0);
  seconds = nap();
  const std::pair<int, int> boxed =
      left_behind(boxed_shell("setsid sleep " + seconds + " & exec sleep 60"), seconds);
  CHECK(boxed.first == 1);
  CHECK(boxed.second == 0);
}

TEST_CASE("no zombie and no open file is left in kata") {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  const auto before = open_files();
  for (int i = 0; i < 3; ++i) run(boxed_shell("true"));
  run(shell("exit 1"));
  CHECK(open_files() == before);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

}  // namespace
}  // namespace kata::sandbox::test
