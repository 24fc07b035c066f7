#include "classroom/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "catalog/hash.hpp"
#include "catalog/submission.hpp"
#include "sandbox/descriptor.hpp"

namespace kata::classroom {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void write_file(const fs::path& path, const std::string& text) {
  const auto fail = [&path](int error) {
    throw std::runtime_error("cannot write " + path.string() + ": " + std::strerror(error));
  };
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  const std::string beside = path.string() + ".new" + std::to_string(getpid());
  sandbox::Descriptor file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) fail(errno);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(file.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int reason = errno;
      unlink(beside.c_str());
      fail(reason);
    }
    done += static_cast<std::size_t>(n);
  }
  if (fsync(file.get()) != 0 || rename(beside.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    unlink(beside.c_str());
    fail(reason);
  }
}

Progress::Progress(const fs::path& work) : work_(work) {
  std::ifstream in(work_ / ".kata" / "progress.json");
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("exercises") || !json["exercises"].is_object()) return;
  for (const auto& [id, value] : json["exercises"].items()) {
    if (!value.is_object()) continue;
    try {
      entries_[id] = {value.value("sha256", ""), value.value("status", ""),
                      value.value("points", 0.0), value.value("hints", 0)};
    } catch (const Json::exception&) {
      continue;  // an entry of another kind: as if it were not there
    }
  }
}

const Progress::Entry* Progress::find(const std::string& id) const {
  const auto at = entries_.find(id);
  return at == entries_.end() ? nullptr : &at->second;
}

std::string Progress::state(const catalog::Catalog& catalog,
                            const catalog::Exercise& exercise) const {
  if (!fs::is_directory(work_)) return "not_attempted";
  const catalog::SubmissionFile file = catalog::read_submission(work_, catalog, exercise);
  using State = catalog::SubmissionFile::State;
  if (file.state == State::absent || file.state == State::stub) return "not_attempted";
  const Entry* entry = find(exercise.id);
  if (entry == nullptr || entry->status.empty()) return "untried";
  return entry->sha256 == catalog::sha256(file.text) ? entry->status : "changed";
}

void Progress::record(const std::string& id, const std::string& text,
                      const report::Exercise& verdict) {
  Entry& entry = entries_[id];
  entry.sha256 = catalog::sha256(text);
  entry.status = report::to_string(verdict.status);
  entry.points = verdict.points;
  save();
}

void Progress::record_hints(const std::string& id, int seen) {
  entries_[id].hints = seen;
  save();
}

void Progress::save() const {
  Json exercises = Json::object();
  for (const auto& [id, e] : entries_)
    exercises[id] = {
        {"sha256", e.sha256}, {"status", e.status}, {"points", e.points}, {"hints", e.hints}};
  const Json json{{"schema", "kata.progress/1"}, {"exercises", exercises}};
  write_file(work_ / ".kata" / "progress.json", json.dump(2) + "\n");
}

fs::path provide_stub(const fs::path& work, const catalog::Exercise& exercise) {
  const fs::path copy = work / exercise.submission_path();
  if (fs::exists(copy)) return copy;
  std::ifstream in(exercise.stub(), std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read the stub " + exercise.stub().string());
  write_file(copy, text.str());
  return copy;
}

}  // namespace kata::classroom
