// Commands that want more time, output, memory or disk than they are given.
#include <array>
#include <thread>

#include "sandbox/catch.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/shell.hpp"

namespace kata::sandbox::test {
namespace {

using How = Finished::How;

TEST_CASE("a command that sleeps is ended at its wall limit") {
  for (const bool boxed : {false, true}) {
    CAPTURE(boxed);
    Command command = boxed ? boxed_shell("sleep 60") : shell("sleep 60");
    command.limits.wall_seconds = 0.3;
    const Finished finished = run(command);
    CHECK(finished.how == How::timed_out);
    CHECK(finished.wall_seconds >= 0.3);
    CHECK(finished.wall_seconds < 5);
  }
}

TEST_CASE("a command that closes its outputs is ended at its wall limit") {
  Command command = boxed_shell("exec >&- 2>&-; sleep 60");
  command.limits.wall_seconds = 0.3;
  CHECK(run(command).how == How::timed_out);
}

TEST_CASE("a command that prints all the time is ended at its wall limit") {
  Command command = boxed_shell("while :; do echo; sleep 0.01; done");
  command.limits.wall_seconds = 0.3;
  const Finished finished = run(command);
  CHECK(finished.how == How::timed_out);
  CHECK(finished.wall_seconds < 5);
}

TEST_CASE("a command that stops itself is ended at its wall limit") {
  Command command = boxed_shell("kill -STOP $$");
  command.limits.wall_seconds = 0.3;
  CHECK(run(command).how == How::timed_out);
}

TEST_CASE("a command that computes without end is ended at its CPU limit") {
  std::array<Command, 2> commands{boxed_shell("while :; do :; done"),
                                  boxed_shell("trap '' XCPU; while :; do :; done")};
  std::array<Finished, 2> finished;
  std::array<std::thread, 2> threads;
  for (std::size_t i = 0; i < 2; ++i) {
    commands[i].limits.wall_seconds = 60;
    commands[i].limits.cpu_seconds = 0.5;  // as the kernel counts: one second, and then one more
    threads[i] = std::thread([&, i] { finished[i] = run(commands[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Finished& one : finished) {
    CHECK(one.how == How::timed_out);
    CHECK(one.cpu_seconds < 3);
    CHECK(one.wall_seconds < 50);
  }
}

TEST_CASE("a flood of output is cut off, on either stream and on both together") {
  const char* flood =
      "while :; do echo 0123456789012345678901234567890123456789012345678901234567890; done";
  for (const std::string redirect : {"", " >&2", " & sh -c 'while :; do echo x >&2; done'"}) {
    CAPTURE(redirect);
    Command command = boxed_shell(flood + redirect);
    command.limits.output_bytes = 20'000;
    const Finished finished = run(command);
    CHECK(finished.how == How::output_limit);
    CHECK(finished.out.size() + finished.err.size() == 20'000);
    CHECK(finished.wall_seconds < 5);
  }
}

TEST_CASE("output of exactly the limit is no flood") {
  Command command = boxed_shell("");
  command.argv = {"head", "-c", "50000", "/usr/bin/perl"};
  command.limits.output_bytes = 50'000;
  CHECK(run(command).ok());
  command.limits.output_bytes = 49'999;
  CHECK(run(command).how == How::output_limit);
}

// perl is on every Debian.
Command perl(const std::string& program) {
  Command command = boxed_shell("");
  command.argv = {"/usr/bin/perl", "-e", program};
  command.limits.memory_bytes = std::uint64_t{64} << 20;
  return command;
}

TEST_CASE("a process that wants more memory than its limit fails") {
  CHECK(run(perl("$n = 20; $x = 'a' x ($n * 1e6); print 'grown'")).out == "grown");
  const Finished finished = run(perl("$n = 100; $x = 'a' x ($n * 1e6); print 'grown'"));
  CHECK(finished.how == How::exited);
  CHECK(finished.code != 0);
  CHECK(finished.out.empty());
}

TEST_CASE("processes that want too much memory together are stopped, and it is said why") {
  if (!Cgroup(GroupLimits{}).active()) {
    WARN("not tried: no control group can be made here");
    return;
  }
  // Each of the six stays below the limit that holds for a process.
  Command command = perl(
      "for (1 .. 5) { fork or last } $n = 20; $x = 'a' x ($n * 1e6); sleep 1;"
      "while (wait > 0) { $died = 1 if $? } exit 1 if $died; print 'all'");
  const Finished finished = run(command);
  CHECK(finished.out_of_memory);
  CHECK(finished.out.empty());
}

TEST_CASE("a file beyond the limit is not written") {
  const Folder folder;
  Command command = boxed_shell("head -c 300000 /usr/bin/perl >/out/file");
  command.box->binds.push_back({folder.path(), "/out", true});
  command.limits.file_bytes = 100'000;
  const Finished finished = run(command);
  CHECK_FALSE(finished.ok());
  CHECK(std::filesystem::file_size(folder.path() / "file") == 100'000);
}

TEST_CASE("scratch is no larger than was given") {
  Command command = boxed_shell("head -c 3000000 /usr/bin/perl >/tmp/a; wc -c </tmp/a");
  command.box->scratch.push_back("/tmp");
  command.box->scratch_bytes = std::uint64_t{1} << 20;
  const Finished finished = run(command);
  CHECK(finished.out == "1048576\n");
  CHECK(finished.err.find("No space left") != std::string::npos);
}

}  // namespace
}  // namespace kata::sandbox::test
