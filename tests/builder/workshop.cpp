#include "workshop.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include "catch.hpp"

#include "wire/messages.hpp"

namespace workshop {
namespace {

namespace fs = std::filesystem;
namespace wire = kata::wire;

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "kata-builder-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::string manifest(const std::string& functions, const std::string& given,
                     const std::string& forbidden) {
  return R"({"title": "t", "title_zh": "t", "order": 1, "level": 1, "minutes": 5, "paths": {},
  "points": {"correctness": 1, "speed": 0}, "source": {"section": "s", "questions": [], "errata": []},
  "functions": [)" +
         functions + R"(], "given": [)" + given + R"(], "prerequisites": [], "forbidden": [)" +
         forbidden +
         R"(],
  "hints": [{"en": "h", "zh": "h"}], "limits": {"seconds": 1, "megabytes": 64}, "speed": null})";
}

void add(const fs::path& root, const std::string& name, const std::string& declaration,
         const std::string& manifest_text, const std::string& reference) {
  const std::string space = "toy::" + name;
  const fs::path exercise = root / "exercises/toy" / name, solution = root / "solutions/toy" / name;
  write(exercise / (name + ".hpp"), "#pragma once\n#include <kata/arrays.hpp>\nnamespace " + space +
                                        " {\n" + declaration + "\n}\n");
  write(exercise / (name + ".cpp"), "#include \"toy/" + name + "/" + name +
                                        ".hpp\"\n#include <kata/not_implemented.hpp>\nnamespace " +
                                        space + " {\ndouble " + name +
                                        "(double) { throw kata::not_implemented(); }\n}\n");
  write(exercise / "exercise.json", manifest_text);
  write(solution / (name + ".cpp"), reference);
}

fs::path make_project() {
  const fs::path root = folder() / "project", real = KATA_SOURCE_DIR;
  fs::create_directories(root / "exercises");
  fs::create_directory_symlink(real / "exercises/include", root / "exercises/include");
  fs::create_directory_symlink(real / "grader", root / "grader");
  write(root / "exercises/toy/topic.json", R"({"title": "t", "title_zh": "t", "order": 1})");
  write(root / "solutions/kernels/triple.hpp",
        "#pragma once\nnamespace kernels { double triple(double); }\n");
  write(root / "solutions/kernels/triple.cpp",
        "#include \"kernels/triple.hpp\"\nnamespace kernels { double triple(double x) { return 3 * "
        "x; } }\n");
  add(root, "twice", "double twice(double x);", manifest("\"twice\"", "", ""),
      "#include \"toy/twice/twice.hpp\"\nnamespace toy::twice { double twice(double x) { return 2 "
      "* x; } }\n");
  add(root, "scale", "double scale(double x);", manifest("\"scale\"", "\"toy/twice\"", ""),
      "#include \"toy/scale/scale.hpp\"\n#include \"kernels/triple.hpp\"\nnamespace toy::scale {\n"
      "double scale(double x) { return kernels::triple(x); }\n}\n");
  add(root, "solve", "double solve(double x);", manifest("\"solve\"", "", "\"Eigen/SVD\""),
      "#include \"toy/solve/solve.hpp\"\nnamespace toy::solve { double solve(double x) { return x; "
      "} }\n");
  return root;
}

void send_all(int fd, const void* data, std::size_t size) {
  REQUIRE(::write(fd, data, size) == static_cast<ssize_t>(size));
}

bool receive(int fd, void* data, std::size_t size) {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = read(fd, at, size);
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

int memory() {
  const int fd = memfd_create("arena", 0);
  REQUIRE(ftruncate(fd, 4096) == 0);
  return fd;
}

pid_t start(const fs::path& worker, int socket, int readable, int writable, int errors) {
  const pid_t child = fork();
  if (child != 0) return child;
  dup2(errors, 2);
  // First out of the way of the numbers that they are to have.
  const int high[3] = {fcntl(socket, F_DUPFD, 20), fcntl(readable, F_DUPFD, 20),
                       fcntl(writable, F_DUPFD, 20)};
  dup2(high[0], wire::kSocket);
  dup2(high[1], wire::kReadable);
  dup2(high[2], wire::kWritable);
  close_range(wire::kWritable + 1, ~0U, 0);
  execl(worker.c_str(), worker.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

}  // namespace

const fs::path& folder() {
  static const Folder made;
  return made.path;
}

fs::path cache() {
  return folder() / "cache";
}

const kata::builder::Toolchain& toolchain() {
  static const kata::builder::Toolchain found = kata::builder::find_toolchain(cache());
  return found;
}

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << text;
  REQUIRE(out.good());
}

const fs::path& project() {
  static const fs::path root = make_project();
  return root;
}

const kata::catalog::Exercise& exercise(const std::string& id) {
  static const kata::catalog::Catalog catalog = kata::catalog::Catalog::load({project()});
  const kata::catalog::Exercise* found = catalog.find(id);
  REQUIRE(found != nullptr);
  return *found;
}

kata::builder::Builder& builder() {
  static kata::builder::Builder made({project()}, cache());
  return made;
}

kata::builder::Built build(const std::string& id, const std::string& text,
                           kata::builder::Flags flags) {
  kata::builder::Request request;
  request.exercise = &exercise(id);
  request.sources = {{text, "work/" + id + ".cpp"}};
  request.flags = flags;
  return builder().build(request);
}

Answer call(const fs::path& worker, double argument, std::uint32_t function,
            const std::string& variant) {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const int readable = memory(), writable = memory(), errors = memfd_create("errors", 0);
  const pid_t child = start(worker, ends[1], readable, writable, errors);
  for (const int fd : {ends[1], readable, writable}) close(fd);

  const wire::Hello hello{4096, 4096, variant.size()};
  send_all(ends[0], &hello, sizeof hello);
  send_all(ends[0], variant.data(), variant.size());
  const bool table = function == wire::kMistakeTable;
  const wire::Request request{function, 1, table ? 0 : sizeof argument};
  send_all(ends[0], &request, sizeof request);
  if (!table) send_all(ends[0], &argument, sizeof argument);

  Answer answer;
  wire::Reply reply;
  answer.replied = receive(ends[0], &reply, sizeof reply);
  if (answer.replied) {
    answer.returned = reply.kind == wire::ReplyKind::returned;
    answer.text.resize(reply.size);
    REQUIRE(receive(ends[0], answer.text.data(), answer.text.size()));
    if (answer.returned && answer.text.size() == sizeof answer.value)
      std::memcpy(&answer.value, answer.text.data(), sizeof answer.value);
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  char block[65536];
  const ssize_t size = pread(errors, block, sizeof block, 0);
  if (size > 0) answer.errors.assign(block, static_cast<std::size_t>(size));
  close(errors);
  return answer;
}

}  // namespace workshop
