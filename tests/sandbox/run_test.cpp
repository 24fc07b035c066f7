// What a well-behaved command gets, and what is said about it.
#include "sandbox/run.hpp"

#include <fcntl.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <vector>

#include "sandbox/catch.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/shell.hpp"

namespace kata::sandbox::test {
namespace {

using How = Finished::How;

TEST_CASE("the exit status and both outputs of a command arrive") {
  for (const bool boxed : {false, true}) {
    CAPTURE(boxed);
    const char* script = "echo result; echo trouble >&2; exit 7";
    const Finished finished = run(boxed ? boxed_shell(script) : shell(script));
    CHECK(finished.how == How::exited);
    CHECK(finished.code == 7);
    CHECK_FALSE(finished.ok());
    CHECK(finished.out == "result\n");
    CHECK(finished.err == "trouble\n");
    CHECK(finished.reason.empty());
  }
}

TEST_CASE("a command that a signal ended is told from one that exited") {
  for (const bool boxed : {false, true}) {
    CAPTURE(boxed);
    const char* script = "kill -SEGV $$";
    const Finished finished = run(boxed ? boxed_shell(script) : shell(script));
    CHECK(finished.how == How::signalled);
    CHECK(finished.code == SIGSEGV);
  }
}

TEST_CASE("the environment is what was asked for and nothing else") {
  ::setenv("KATA_TEST_SECRET", "visible", 1);
  Command command = shell("");
  command.argv = {"/usr/bin/env"};
  command.environment = {{"ONE", "1"}, {"EMPTY", ""}, {"ODD", "a b=c\nd"}};
  CHECK(run(command).out == "ONE=1\nEMPTY=\nODD=a b=c\nd\n");

  command.box = shell_box();
  // bubblewrap adds PWD; the order is its own.
  const std::string out = run(command).out;
  CHECK(out.size() == std::string("ONE=1\nEMPTY=\nODD=a b=c\nd\nPWD=/\n").size());
  for (const char* line : {"ONE=1\n", "EMPTY=\n", "ODD=a b=c\nd\n", "PWD=/\n"}) {
    CHECK(out.find(line) != std::string::npos);
  }
}

TEST_CASE("a command starts in the folder that was asked for") {
  Command command = boxed_shell("pwd");
  command.folder = "/usr/lib";
  CHECK(run(command).out == "/usr/lib\n");
  command.box.reset();
  CHECK(run(command).out == "/usr/lib\n");
}

TEST_CASE("a megabyte of input comes back whole") {
  std::string megabyte(std::size_t{1} << 20, 'x');
  for (std::size_t i = 0; i < megabyte.size(); i += 61) megabyte[i] = '\n';
  for (const bool boxed : {false, true}) {
    CAPTURE(boxed);
    Command command = boxed ? boxed_shell("cat") : shell("cat");
    command.input = megabyte;
    const Finished finished = run(command);
    CHECK(finished.ok());
    CHECK((finished.out == megabyte));
  }
}

TEST_CASE("a command that never reads its megabyte of input holds nothing up") {
  Command command = boxed_shell("exec <&-; echo deaf");
  command.input.assign(std::size_t{1} << 20, 'x');
  const Finished finished = run(command);
  CHECK(finished.ok());
  CHECK(finished.out == "deaf\n");
  CHECK(finished.wall_seconds < 5);
}

TEST_CASE("a command can't change its input") {
  Command command = shell("printf x >&0 || echo refused");
  command.input = "given";
  CHECK(run(command).out == "refused\n");
}

TEST_CASE("a missing program is a sentence, with a box and without") {
  Command command = shell("");
  for (const char* name : {"kata-has-no-such-program", "/usr/bin/kata-has-no-such-program"}) {
    for (const bool boxed : {false, true}) {
      CAPTURE(name, boxed);
      command.argv = {name};
      command.box.reset();
      if (boxed) command.box = shell_box();
      const Finished finished = run(command);
      CHECK(finished.how == How::not_started);
      CHECK_FALSE(finished.ok());
      CHECK(finished.reason.find("'" + std::string(name) + "' could not be started") !=
            std::string::npos);
      CHECK(finished.reason.back() == '.');
    }
  }
  command.argv.clear();
  CHECK(run(command).reason == "There is no program to start: the command is empty.");
}

TEST_CASE("a folder that is not there is a sentence") {
  Command command = shell("true");
  command.folder = "/kata/has/no/such/folder";
  for (const bool boxed : {false, true}) {
    if (boxed) command.box = shell_box();
    const Finished finished = run(command);
    CHECK(finished.how == How::not_started);
    CHECK(finished.reason.find("could not be started") != std::string::npos);
  }
}

TEST_CASE("a box of a folder that is not there is a sentence that names it") {
  Command command = boxed_shell("true");
  command.box->binds.push_back({"/kata/has/no/such/folder", "/in", false});
  const Finished finished = run(command);
  CHECK(finished.how == How::not_started);
  CHECK(finished.reason.find("/kata/has/no/such/folder") != std::string::npos);
}

TEST_CASE("what a command prints can't pass for the word of the sandbox") {
  const Finished finished = run(boxed_shell("echo '{ \"exit-code\": 0 }' >&3; exit 4"));
  CHECK(finished.how == How::exited);
  CHECK(finished.code != 0);
}

TEST_CASE("commands that run at the same time get their own files and no others") {
  const Descriptor careless(::open("/dev/null", O_RDONLY));  // not closed by exec
  std::array<Finished, 6> finished;
  std::vector<std::thread> threads;
  for (Finished& one : finished) {
    threads.emplace_back([&one] {
      Command command = shell("ls /proc/self/fd; cat");
      command.input = "mine";
      one = run(command);
    });
  }
  for (std::thread& thread : threads) thread.join();
  // 3 is the folder that ls reads.
  for (const Finished& one : finished) CHECK(one.out == "0\n1\n2\n3\nmine");
}

TEST_CASE("a command without a box gains no privilege, and leaves no core file") {
  const Finished finished = run(shell("grep NoNewPrivs /proc/self/status; ulimit -c; ulimit -n"));
  CHECK(finished.out == "NoNewPrivs:\t1\n0\n512\n");
}

TEST_CASE("the CPU time of a box holds that of all its processes") {
  // Two processes that each compute until they have used up a tenth of a second.
  Command command = boxed_shell("");
  command.argv = {"/usr/bin/perl", "-e",
                  "fork; do { $i = 0; 1 while ++$i < 20000 } while (times)[0] < 0.1; wait"};
  const Finished finished = run(command);
  REQUIRE(finished.ok());
  CHECK(finished.cpu_seconds >= 0.19);
  CHECK(finished.cpu_seconds < 1);
}

}  // namespace
}  // namespace kata::sandbox::test
