#include "examiner/client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "wire/codec.hpp"

namespace kata::examiner {

Client::Client(const std::filesystem::path& program, const std::filesystem::path& launcher,
               bool sandboxed) {
  std::array<int, 2> pair{};
  std::array<int, 2> error{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0 ||
      pipe2(error.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("cannot make a channel to an examiner: ") +
                             std::strerror(errno));
  socket_ = sandbox::Descriptor(pair[0]);
  error_ = sandbox::Descriptor(error[0]);
  const sandbox::Descriptor theirs(pair[1]);
  const sandbox::Descriptor their_error(error[1]);
  const std::string path = program.string();
  const std::string launcher_path = launcher.string();
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0)
    throw std::runtime_error(std::string("cannot start an examiner: ") + std::strerror(errno));
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int socket = fcntl(theirs.get(), F_DUPFD, 10);  // not closed by the exec
    const int errors = fcntl(their_error.get(), F_DUPFD_CLOEXEC, 10);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(errors, 2);
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "%d", socket);
    execl(path.c_str(), "examiner", number.data(), launcher_path.c_str(),
          sandboxed ? nullptr : "--no-sandbox", nullptr);
    dprintf(2, "cannot run %s: %s", path.c_str(), std::strerror(errno));
    _exit(127);
  }
}

Client::~Client() {
  socket_.reset();
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void Client::send(const Job& job) {
  wire::Writer w;
  wire::put_value(w, job);
  send_frame(socket_.get(), w.bytes());  // if it is gone, next() says so
}

Client::Next Client::next(Record& record, double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd watched{socket_.get(), POLLIN, 0};
    const int n = poll(&watched, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Next::late;
    break;
  }
  std::vector<std::byte> bytes;
  if (!receive_frame(socket_.get(), bytes)) return Next::end;
  wire::Reader r(bytes);
  record = wire::take_value<Record>(r);
  return Next::record;
}

std::string Client::finish() {
  std::string words;
  std::array<char, 1024> buffer{};
  ssize_t n = 0;
  while (words.size() < 4096 && (n = read(error_.get(), buffer.data(), buffer.size())) > 0)
    words.append(buffer.data(), static_cast<std::size_t>(n));
  int status = 0;
  if (process_ <= 0 || waitpid(process_, &status, 0) != process_) return words;
  process_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (!words.empty()) return words;
  if (WIFEXITED(status))
    return "the examiner ended with status " + std::to_string(WEXITSTATUS(status));
  return "the examiner died of signal " + std::to_string(WTERMSIG(status));
}

std::vector<Record> examine(Client& client, const Job& job, double deadline_seconds) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  std::vector<Record> records;
  std::size_t done = 0;
  std::size_t mistakes = 0;
  const auto fault = [&records](std::string text) {
    Record record;
    record.kind = Record::Kind::fault;
    record.text = std::move(text);
    records.push_back(std::move(record));
    return records;
  };
  client.send(job);
  for (;;) {
    const double left =
        deadline_seconds - std::chrono::duration<double>(Clock::now() - start).count();
    Record record;
    Client::Next next = Client::Next::end;
    try {
      next = client.next(record, left);
    } catch (const wire::Malformed& e) {
      return fault("the examiner sent a record that cannot be read: " + e.what);
    }
    if (next == Client::Next::late) return fault("the examiner did not end within its time");
    if (next == Client::Next::end) break;
    if (record.kind == Record::Kind::subject_done) ++done;
    if (record.kind == Record::Kind::mistake) ++mistakes;
    records.push_back(std::move(record));
  }
  const std::string last_words = client.finish();
  const bool told = !records.empty() && records.back().kind == Record::Kind::fault;
  const std::size_t expected = job.diagnose ? 0 : job.mistakes ? mistakes : job.subjects.size();
  if (!told && (done != expected || !last_words.empty()))
    return fault(last_words.empty() ? "the examiner ended before its job was done" : last_words);
  return records;
}

}  // namespace kata::examiner
