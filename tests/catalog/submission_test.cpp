// Submissions: learners' folders, and the ones that were made to hurt the grader.
#include "catalog/submission.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "catalog/beneath.hpp"
#include "catalog/fixture.hpp"
#include "catalog/hash.hpp"
#include "check.hpp"

namespace kata::catalog {
namespace {

namespace fs = std::filesystem;
using testing::add_exercise;
using testing::kStub;
using testing::TempFolder;
using testing::thrown;
using State = SubmissionFile::State;

struct Desk {
  TempFolder root, work;
  Catalog catalog;

  Desk() {
    add_exercise(root, "optimizers", "adam");
    add_exercise(root, "batchnorm", "backward");
    add_exercise(root, "layers", "backward");
    catalog = Catalog::load({root.path()});
  }
  SubmissionFile read(const std::string& id = "optimizers/adam") const {
    return read_submission(work.path(), catalog, *catalog.find(id));
  }
  std::vector<std::string> found() const {
    std::vector<std::string> ids;
    for (const Exercise* exercise : find_exercises(work.path(), catalog))
      ids.push_back(exercise->id);
    return ids;
  }
};

TEST_CASE("an answer is found in each of its places") {
  const Desk desk;
  for (const char* path : {"optimizers/adam.cpp", "optimizers/adam/adam.cpp", "adam.cpp"}) {
    desk.work.write(path, "int answer;\n");
    const SubmissionFile file = desk.read();
    CHECK(file.state == State::answer);
    CHECK(file.text == "int answer;\n");
    CHECK(file.path == path);
    CHECK(desk.found() == std::vector<std::string>{"optimizers/adam"});
    fs::remove(desk.work / path);
  }
}

TEST_CASE("a bare name counts only where one exercise has it") {
  const Desk desk;
  desk.work.write("backward.cpp", "int answer;\n");
  CHECK(desk.read("layers/backward").state == State::absent);
  CHECK(desk.found().empty());
}

TEST_CASE("what is not there is absent, with the place where it would be") {
  const Desk desk;
  CHECK(desk.read().state == State::absent);
  CHECK(desk.read().path == "optimizers/adam.cpp");
  desk.work.write("optimizers", "a file where a folder would be");
  CHECK(desk.read().state == State::absent);
  CHECK(desk.read().message.empty());
}

TEST_CASE("a stub is a stub, whatever an editor did to its line ends") {
  const Desk desk;
  const std::string crlf = "\xef\xbb\xbf#include <x.hpp>\r\n\r\nvoid f() {}\r\n";
  for (const std::string& text : {std::string(kStub), crlf}) {
    desk.work.write("adam.cpp", text);
    CHECK(desk.read().state == State::stub);
    CHECK(desk.read().text == text);
  }
  desk.work.write("adam.cpp", std::string(kStub) + " ");
  CHECK(desk.read().state == State::answer);
}

TEST_CASE("CRLF and a byte order mark reach the compiler as they are") {
  const Desk desk;
  const std::string text = "\xef\xbb\xbfint answer;\r\n// \xe6\x89\xb9\r\n";
  desk.work.write("adam.cpp", text);
  CHECK(desk.read().state == State::answer);
  CHECK(desk.read().text == text);
}

TEST_CASE("two answers to one exercise are refused if they differ") {
  const Desk desk;
  desk.work.write("adam.cpp", "int one;\n");
  desk.work.write("optimizers/adam.cpp", "int one;\n");
  CHECK(desk.read().state == State::answer);
  desk.work.write("adam.cpp", "int two;\n");
  CHECK(desk.read().state == State::refused);
  CHECK(desk.read().message ==
        "optimizers/adam.cpp and adam.cpp both answer optimizers/adam, and differ. Keep the one "
        "that counts and remove the other.");
  desk.work.write("optimizers/adam.cpp", kStub);
  CHECK(desk.read().state == State::answer);
  CHECK(desk.read().path == "adam.cpp");
}

/// The same with and without openat2, whose stand-in must refuse as much.
template <class Check>
void both_ways(Check check) {
  for (const bool kernel : {true, false}) {
    use_openat2(kernel);
    INFO((kernel ? "with openat2" : "step by step"));
    check();
  }
  use_openat2(true);
}

void check_refused(const Desk& desk, const std::string& message) {
  both_ways([&] {
    const auto start = std::chrono::steady_clock::now();
    const SubmissionFile file = desk.read();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
    CHECK(file.state == State::refused);
    CHECK(file.message == message);
    CHECK(file.text.empty());
    CHECK(desk.found() == std::vector<std::string>{"optimizers/adam"});
  });
}

TEST_CASE("links are not followed") {
  const Desk desk;
  const std::string sentence =
      " is a symbolic link, or lies behind one, and links are not followed; put the file itself "
      "there.";
  desk.work.write("real/adam.cpp", "int answer;\n");
  SECTION("to a file outside") {
    fs::create_symlink("/etc/passwd", desk.work / "adam.cpp");
    check_refused(desk, "adam.cpp" + sentence);
  }
  SECTION("to a file in the same folder") {
    fs::create_symlink("real/adam.cpp", desk.work / "adam.cpp");
    check_refused(desk, "adam.cpp" + sentence);
  }
  SECTION("to nowhere") {
    fs::create_symlink("nowhere", desk.work / "adam.cpp");
    check_refused(desk, "adam.cpp" + sentence);
  }
  SECTION("a folder on the way") {
    fs::create_directory_symlink(desk.work / "real", desk.work / "optimizers");
    both_ways([&] {
      CHECK(desk.read().state == State::refused);
      CHECK(desk.read().message == "optimizers/adam.cpp" + sentence);
    });
  }
  SECTION("but the folder that the user named may be one") {
    fs::create_directory_symlink(desk.work / "real", desk.root / "link");
    CHECK(read_submission(desk.root / "link", desk.catalog, *desk.catalog.find("adam")).state ==
          State::answer);
  }
}

TEST_CASE("what is no regular file is refused without waiting") {
  const Desk desk;
  const std::string place = (desk.work / "adam.cpp").string();
  SECTION("a FIFO that nobody writes to") {
    REQUIRE(mkfifo(place.c_str(), 0600) == 0);
    check_refused(desk, "adam.cpp is a FIFO, not a regular file.");
  }
  SECTION("a folder") {
    fs::create_directory(place);
    check_refused(desk, "adam.cpp is a folder, not a regular file.");
  }
  SECTION("a socket") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(place.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, place.c_str(), place.size() + 1);
    const Fd listener(socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    check_refused(desk, "adam.cpp is a socket, not a regular file.");
  }
}

TEST_CASE("a device is refused") {
  const Desk desk;
  if (mknod((desk.work / "adam.cpp").c_str(), S_IFCHR | 0600, makedev(1, 5)) != 0)
    return;  // not root
  check_refused(desk, "adam.cpp is a device, not a regular file.");
}

TEST_CASE("a file that may not be read is refused") {
  const Desk desk;
  desk.work.write("adam.cpp", "int answer;\n");
  fs::permissions(desk.work / "adam.cpp", fs::perms::none);
  if (geteuid() == 0) return;  // root may read everything
  check_refused(desk, "adam.cpp cannot be read: Permission denied.");
}

TEST_CASE("a large file is refused by its size and not read") {
  const Desk desk;
  desk.work.write("adam.cpp", std::string(kMaxSubmissionBytes, 'x'));
  CHECK(desk.read().state == State::answer);
  fs::resize_file(desk.work / "adam.cpp", std::uintmax_t{1} << 40);  // sparse: a terabyte
  check_refused(desk, "adam.cpp has 1099511627776 bytes; at most 1 MiB are read.");
}

TEST_CASE("what is no source text is refused with its reason") {
  const Desk desk;
  const auto refused = [&](const std::string& text, const std::string& message) {
    desk.work.write("adam.cpp", text);
    check_refused(desk, message);
  };
  const std::string built = "; hand in the .cpp file, not what was built from it.";
  const std::string empty = "adam.cpp is empty; start from the stub again, or leave the file out.";
  refused("", empty);
  refused("\xef\xbb\xbf \r\n\t\n", empty);
  refused(std::string("\x7f"
                      "ELF\x02\x01\0\0",
                      8),
          "adam.cpp is not source text: line 1 holds a byte of value 127" + built);
  refused(std::string("int a;\nint b;\0", 14),
          "adam.cpp is not source text: line 2 holds a byte of value 0" + built);
  refused("// \x1b[2J\n", "adam.cpp is not source text: line 1 holds a byte of value 27" + built);
  refused(std::string("\xff\xfei\0n\0t\0", 8), "adam.cpp is encoded as UTF-16; save it as UTF-8.");
}

TEST_CASE("bytes that are not UTF-8 are the compiler's business") {
  const Desk desk;
  desk.work.write("adam.cpp", "// caf\xe9\nint answer;\n");
  CHECK(desk.read().state == State::answer);
}

TEST_CASE("a folder that cannot be used is a sentence") {
  const Desk desk;
  const auto complaint = [&](const fs::path& folder) {
    return thrown<SubmissionError>([&] { find_exercises(folder, desk.catalog); });
  };
  CHECK(complaint("no/such") == "the folder no/such does not exist");
  desk.work.write("file", "x");
  CHECK(complaint(desk.work / "file") ==
        (desk.work / "file").string() + " is a file; a submission is a folder of answers");
}

TEST_CASE("a missing stub is the project's fault and says so") {
  const Desk desk;
  fs::remove(desk.root / "exercises/optimizers/adam/adam.cpp");
  CHECK(thrown<ManifestError>([&] { desk.read(); }) ==
        "optimizers/adam: the stub adam.cpp does not exist");
}

TEST_CASE("a path never leaves the folder") {
  const Desk desk;
  desk.root.write("secret", "secret");
  fs::create_directories(desk.work / "sub");
  const Fd folder = open_folder(desk.work / "sub");
  both_ways([&] {
    for (const std::string path : {"../../secret", "..", "/etc/passwd", "."})
      CHECK(read_beneath(folder, path, 1000).state == FileText::State::refused);
  });
}

TEST_CASE("SHA-256 gives the published digests") {
  // FIPS 180-2, appendix B.1 and the empty message.
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a submission's digest depends on all that is graded and on no order") {
  const SubmissionFile a{State::answer, "int a;", "x/a.cpp", ""};
  const SubmissionFile b{State::answer, "int b;", "x/b.cpp", ""};
  const SubmissionFile none{State::absent, "", "x/c.cpp", ""};
  const std::string digest = submission_sha256({a, b});
  CHECK(submission_sha256({b, none, a}) == digest);
  SubmissionFile other = b;
  other.text = "int c;";
  CHECK(submission_sha256({a, other}) != digest);
  other = b;
  other.state = State::refused;
  CHECK(submission_sha256({a, other}) != digest);
  CHECK(submission_sha256({a}) != digest);
  CHECK(submission_sha256({}) != submission_sha256({a}));
}

}  // namespace
}  // namespace kata::catalog
