// What a box shows, hides and refuses.
#include "sandbox/box.hpp"

#include "sandbox/catch.hpp"
#include "sandbox/shell.hpp"

namespace kata::sandbox::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a box sees what it was given and nothing else") {
  CHECK(run(boxed_shell("ls -A /")).out == "bin\ndev\nlib\nlib64\nusr\n");
  for (const char* file : {"/etc/passwd", "/proc/self/status", "/dev/zero", "/root", "/tmp"}) {
    CAPTURE(file);
    REQUIRE(fs::exists(file));
    CHECK(run(boxed_shell(std::string("ls ") + file)).code == 2);
  }
}

TEST_CASE("a box can't be left through a link or a folder above") {
  const Folder folder;
  fs::create_symlink("/etc", folder.path() / "link");
  Command command = boxed_shell("cat /in/link/passwd; cat /in/../../../etc/passwd; cd /in/..; ls");
  command.box->binds.push_back({folder.path(), "/in", false});
  CHECK(run(command).out == "bin\ndev\nin\nlib\nlib64\nusr\n");
}

TEST_CASE("only what is bound to be written can be written") {
  const Folder open;
  const Folder closed;
  write_text(closed.path() / "file", "as it was");
  Command command = boxed_shell(
      "for name in /file /usr/file /bin/file /closed/file /closed/new /open/file; do"
      " (echo new >$name) 2>&- && echo $name; done; mkdir /new 2>&- && echo /new;"
      " chmod 777 /closed/file 2>&- && echo chmod; rm -f /closed/file 2>&- && echo rm");
  command.box->binds.push_back({closed.path(), "/closed", false});
  command.box->binds.push_back({open.path(), "/open", true});
  CHECK(run(command).out == "/open/file\n");
  CHECK(text_of(open.path() / "file") == "new\n");
  CHECK(text_of(closed.path() / "file") == "as it was");
}

TEST_CASE("scratch is empty, writable, and another's in the next box") {
  Command command = boxed_shell("ls -A /tmp; echo mine >/tmp/file; cat /tmp/file");
  command.box->scratch.push_back("/tmp");
  CHECK(run(command).out == "mine\n");
  CHECK(run(command).out == "mine\n");
}

TEST_CASE("an empty folder hides what is bound below it, and can't be written") {
  const Folder folder;
  fs::create_directories(folder.path() / "shown");
  fs::create_directories(folder.path() / "hidden");
  write_text(folder.path() / "hidden/file", "secret");
  Command command = boxed_shell("ls -A /in /in/hidden; echo x >/in/hidden/new");
  command.box->binds.push_back({folder.path(), "/in", false});
  command.box->empty_folders.push_back("/in/hidden");
  const Finished finished = run(command);
  CHECK(finished.out == "/in:\nhidden\nshown\n\n/in/hidden:\n");
  CHECK_FALSE(finished.ok());
}

TEST_CASE("a device works where it is bound") {
  const Finished finished = run(boxed_shell("echo gone >/dev/null && cat /dev/null; ls /dev"));
  CHECK(finished.out == "null\n");
  CHECK(finished.ok());
}

TEST_CASE("a box with a /proc sees no process but its own") {
  Command command = boxed_shell("echo /proc/[0-9]*");
  command.box->own_proc = true;
  CHECK(run(command).out == "/proc/1 /proc/2\n");
}

TEST_CASE("a box runs as nobody, called box, in a session of its own") {
  CHECK(run(boxed_shell("id -u; id -g; uname -n; echo $$")).out == "65534\n65534\nbox\n2\n");
  Command command =
      boxed_shell("read -r _ _ _ _ group session _ </proc/self/stat; echo $group $session");
  command.box->own_proc = true;
  CHECK(run(command).out == "1 1\n");
}

TEST_CASE("the command line of a box does not hand down the environment it is started with") {
  Command command;
  command.argv = bubblewrap(shell_box());
  CHECK(command.argv.back() == "--");
  command.argv.emplace_back("/usr/bin/env");
  command.environment = {{"PATH", "/usr/bin"}, {"SECRET", "visible"}};
  CHECK(run(command).out == "PWD=/\n");
}

TEST_CASE("no socket can be made in a box") {
  // As bash, the one shell that opens sockets.
  Command command = boxed_shell("");
  command.argv = {"/bin/bash", "-c", "echo >/dev/tcp/127.0.0.1/80 || echo refused"};
  const Finished finished = run(command);
  CHECK(finished.out == "refused\n");
  CHECK(finished.err.find("Operation not permitted") != std::string::npos);
}

TEST_CASE("no namespace can be made and nothing mounted in a box") {
  CHECK(run(shell("unshare --user true")).ok());
  CHECK_FALSE(run(boxed_shell("unshare --user true")).ok());
  CHECK_FALSE(run(boxed_shell("mount -t tmpfs none /usr")).ok());
}

TEST_CASE("a box leaves no file of its own outside") {
  const Folder folder;
  Command command = boxed_shell("ln -s /etc/passwd /out/link; mkfifo /out/fifo; echo x >/out/file");
  command.box->binds.push_back({folder.path(), "/out", true});
  run(command);
  // Links and pipes are made: whoever reads the folder must not follow them. Devices are not.
  CHECK(fs::is_symlink(fs::symlink_status(folder.path() / "link")));
  command.argv.back() = "mknod /out/null c 1 3";
  CHECK_FALSE(run(command).ok());
  CHECK_FALSE(fs::exists(folder.path() / "null"));
}

}  // namespace
}  // namespace kata::sandbox::test
