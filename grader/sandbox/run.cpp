// Runs one command under a keeper (keeper.hpp) and reads what it prints, what the keeper reports
// and, with a box, what bubblewrap reports, in one loop with one deadline.
#include "sandbox/run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <optional>

#include "sandbox/cgroup.hpp"
#include "sandbox/files.hpp"
#include "sandbox/filter.hpp"
#include "sandbox/keeper.hpp"

namespace kata::sandbox {
namespace {

using Clock = std::chrono::steady_clock;
using How = Finished::How;

constexpr int kStatusFile = 3;  // numbers of files in bubblewrap
constexpr int kFilterFile = 4;
constexpr double kSecondsToDie = 5;
constexpr std::size_t kStatusBytes = 4096;

Finished not_started(std::string reason) {
  Finished finished;
  finished.reason = std::move(reason);
  return finished;
}

// The words that the command is started with, and the pointers to them that execve wants.
class Words {
 public:
  explicit Words(std::vector<std::string> words) : words_(std::move(words)) {
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

std::vector<std::string> arguments_of(const Command& command) {
  if (!command.box) return command.argv;
  std::vector<std::string> arguments = bubblewrap(*command.box);
  arguments.pop_back();  // "--"
  const auto add = [&arguments](std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
  };
  for (const auto& [name, value] : command.environment) add({"--setenv", name, value});
  add({"--chdir", command.folder.string()});
  add({"--json-status-fd", std::to_string(kStatusFile), "--seccomp", std::to_string(kFilterFile)});
  add({"--"});
  arguments.insert(arguments.end(), command.argv.begin(), command.argv.end());
  return arguments;
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> environment;
  if (command.box) return environment;  // a variable such as LD_PRELOAD is not for bubblewrap
  for (const auto& [name, value] : command.environment) environment.push_back(name + "=" + value);
  return environment;
}

// One run, from the pipes to the verdict.
class Run {
 public:
  explicit Run(const Command& command) : command_(command) {}

  Finished finish() {
    const std::string program = find_program(command_.box ? "bwrap" : command_.argv.front());
    if (program.empty()) return not_started(missing_program());
    if (!open_files()) return not_started(system_reason("pipes and files for it"));
    if (!start(program)) return not_started(system_reason("a process for it"));
    watch();
    reap();
    judge();
    return std::move(finished_);
  }

 private:
  std::string name() const { return "'" + command_.argv.front() + "'"; }

  std::string missing_program() const {
    if (command_.box) {
      return "The sandbox needs bubblewrap, and there is no bwrap on the PATH: install the package "
             "bubblewrap.";
    }
    return "The program " + name() + " could not be started: there is no such program.";
  }

  std::string system_reason(const char* what) const {
    return "The program " + name() + " could not be started: the system gave no " + what + " (" +
           std::strerror(errno) + ").";
  }

  bool open_files() {
    input_ = file_of(command_.input);
    if (!input_.valid() || !make_pipe(out_) || !make_pipe(err_)) return false;
    if (!make_pipe(report_) || !make_pipe(go_) || ::fcntl(go_.read.get(), F_SETFL, 0) != 0) {
      return false;
    }
    if (!command_.box) return true;
    group_.emplace(group_limits());
    filter_ = file_of(tool_filter());
    return filter_.valid() && !tool_filter().empty() && make_pipe(status_);
  }

  GroupLimits group_limits() const {
    GroupLimits limits;
    limits.memory_bytes = command_.limits.memory_bytes;
    limits.processes = command_.limits.processes;
    if (!command_.box->scratch.empty()) limits.memory_bytes += command_.box->scratch_bytes;
    return limits;
  }

  bool start(const std::string& program) {
    const Words arguments(arguments_of(command_));
    const Words environment(environment_of(command_));
    const std::string folder = command_.box ? "/" : command_.folder.string();
    Start start;
    start.program = program.c_str();
    start.argv = arguments.get();
    start.environment = environment.get();
    start.folder = folder.c_str();
    start.limits = &command_.limits;
    start.no_new_privileges = !command_.box;
    start.files = {input_.get(), out_.write.get(), err_.write.get(), status_.write.get(),
                   filter_.get()};
    start.report = report_.write.get();
    start.go = go_.read.get();
    started_ = Clock::now();
    keeper_ = start_keeper(start);
    if (keeper_ < 0) return false;
    for (Pipe* pipe : {&out_, &err_, &report_, &status_}) pipe->write.reset();
    if (group_) group_->add(keeper_);
    const char byte = 1;
    return ::write(go_.write.get(), &byte, 1) == 1;  // never SIGPIPE: go_.read is still open
  }

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  // How long poll may wait: to the deadline, or, once the keeper was told to end it, until that
  // has taken too long.
  double seconds_left() const {
    const double until = stopped_ ? stopped_at_ + kSecondsToDie : command_.limits.wall_seconds;
    return std::max(0.0, until - elapsed());
  }

  void stop(How how) {
    finished_.how = how;
    stopped_ = true;
    stopped_at_ = elapsed();
    ::kill(keeper_, SIGTERM);
  }

  // Reads until the keeper is gone. It goes last, so whatever is printed is in the pipes by then.
  void watch() {
    while (report_.read.valid()) {
      if (seconds_left() == 0) {
        if (stopped_) break;  // reap() kills the keeper
        stop(How::timed_out);
      }
      std::array<pollfd, 4> files{{{report_.read.get(), POLLIN, 0},
                                   {out_.read.get(), POLLIN, 0},
                                   {err_.read.get(), POLLIN, 0},
                                   {status_.read.get(), POLLIN, 0}}};
      const double wait = std::min(seconds_left(), 3600.0);
      const int ready = ::poll(files.data(), files.size(), static_cast<int>(std::ceil(wait * 1e3)));
      if (ready < 0 && errno != EINTR) break;
      if (ready <= 0) continue;
      if (files[1].revents != 0) read_output(out_.read, finished_.out);
      if (files[2].revents != 0) read_output(err_.read, finished_.err);
      if (files[3].revents != 0) read_text(status_.read, status_text_, kStatusBytes);
      if (files[0].revents != 0) read_text(report_.read, report_text_, kStatusBytes);
    }
    while (out_.read.valid()) read_output(out_.read, finished_.out);
    while (err_.read.valid()) read_output(err_.read, finished_.err);
    while (status_.read.valid()) read_text(status_.read, status_text_, kStatusBytes);
  }

  // Once; closes the file at its end. What goes beyond `most` is dropped.
  bool read_text(Descriptor& file, std::string& text, std::size_t most) {
    std::array<char, 65536> block{};
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) {
      file.reset();
      return true;
    }
    const std::size_t room = most - std::min(most, text.size());
    text.append(block.data(), std::min(room, static_cast<std::size_t>(got)));
    return static_cast<std::size_t>(got) <= room;
  }

  void read_output(Descriptor& file, std::string& text) {
    const std::size_t other = finished_.out.size() + finished_.err.size() - text.size();
    const std::size_t most = command_.limits.output_bytes;
    const bool fits = read_text(file, text, most - std::min(most, other));
    if (!fits && !stopped_) stop(How::output_limit);
  }

  void reap() {
    if (report_.read.valid()) ::kill(keeper_, SIGKILL);
    rusage used{};
    int status = 0;
    while (::wait4(keeper_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    finished_.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
    finished_.wall_seconds = elapsed();
    finished_.out_of_memory = group_ && group_->oom_killed();
  }

  void judge() {
    if (stopped_) return;
    KeeperReport report;
    if (report_text_.size() < sizeof report) {
      signalled(SIGKILL);  // the keeper was killed: by the kernel, for lack of memory
      return;
    }
    std::memcpy(&report, report_text_.data(), sizeof report);
    if (report.kind == KeeperReport::Kind::not_started) {
      finished_.reason = "The program " + name() +
                         " could not be started: " + std::string(std::strerror(report.value)) + ".";
    } else if (command_.box) {
      judge_box(report.value);
    } else if (WIFSIGNALED(report.value)) {
      signalled(WTERMSIG(report.value));
    } else {
      exited(WEXITSTATUS(report.value));
    }
  }

  // bubblewrap says "exit-code" for a command that was started, and only then; a signal comes as
  // 128 + its number, as from a shell.
  void judge_box(int status) {
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const bool began = status_text_.find("\"exit-code\"") != std::string::npos;
    if (!began && !finished_.out_of_memory) {
      std::string said = finished_.err;
      while (!said.empty() && said.back() == '\n') said.pop_back();
      finished_.reason = "The program " + name() + " could not be started in the sandbox: " +
                         (said.empty() ? "bubblewrap ended without a word" : said) + ".";
    } else if (code > 128 && code < 128 + NSIG) {
      signalled(code - 128);
    } else {
      exited(code);
    }
  }

  void signalled(int signal) {
    finished_.code = signal;
    // The kernel sends SIGKILL to what has survived SIGXCPU.
    const bool used_up = finished_.cpu_seconds >= command_.limits.cpu_seconds;
    const bool timed_out = signal == SIGXCPU || (signal == SIGKILL && used_up);
    finished_.how = timed_out ? How::timed_out : How::signalled;
  }

  void exited(int code) {
    finished_.code = code;
    // A shell or a driver that passes on how its own child ended.
    finished_.how = code == 128 + SIGXCPU ? How::timed_out : How::exited;
  }

  const Command& command_;
  Finished finished_;
  Descriptor input_, filter_;
  Pipe out_, err_, report_, go_, status_;
  std::string status_text_, report_text_;
  std::optional<Cgroup> group_;
  pid_t keeper_ = -1;
  Clock::time_point started_;
  bool stopped_ = false;
  double stopped_at_ = 0;
};

}  // namespace

Finished run(const Command& command) {
  if (command.argv.empty())
    return not_started("There is no program to start: the command is empty.");
  return Run(command).finish();
}

}  // namespace kata::sandbox
