// See submission.hpp.
#include "catalog/submission.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "catalog/beneath.hpp"
#include "catalog/hash.hpp"

namespace kata::catalog {

namespace {

using State = SubmissionFile::State;

std::vector<std::string> candidates(const Catalog& catalog, const Exercise& exercise) {
  std::vector<std::string> out = {exercise.submission_path(), exercise.topic + "/" + exercise.name +
                                                                  "/" + exercise.name + ".cpp"};
  const Exercise* const by_name = catalog.find(exercise.name);
  if (by_name && by_name->id == exercise.id) out.push_back(exercise.name + ".cpp");
  return out;
}

Fd opened(const std::filesystem::path& folder) {
  Fd fd = open_folder(folder);
  if (fd) return fd;
  const std::string name = "the folder " + folder.string();
  if (errno == ENOENT) throw SubmissionError(name + " does not exist");
  if (errno == ENOTDIR)
    throw SubmissionError(folder.string() + " is a file; a submission is a folder of answers");
  throw SubmissionError(name + " cannot be opened: " + std::strerror(errno));
}

/// Without a byte order mark and with LF line ends: what an editor may change unasked.
std::string as_handed_out(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

/// Why `text` is no source text; empty when it may be one.
std::string not_source(std::string_view text) {
  const std::string_view start = text.substr(0, 2);
  if (start == "\xff\xfe" || start == "\xfe\xff") return "is encoded as UTF-16; save it as UTF-8";
  int line = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') ++line;
    const bool blank = c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
    if ((byte < 0x20 && !blank) || byte == 0x7f)
      return "is not source text: line " + std::to_string(line) + " holds a byte of value " +
             std::to_string(byte) + "; hand in the .cpp file, not what was built from it";
  }
  if (as_handed_out(text).find_first_not_of(" \t\n\v\f\r") == std::string::npos)
    return "is empty; start from the stub again, or leave the file out";
  return "";
}

std::string stub_of(const Exercise& exercise) {
  const FileText stub = read_file(exercise.stub(), kMaxSubmissionBytes);
  if (stub.state == FileText::State::read) return stub.text;
  throw ManifestError(exercise.id + ": the stub " + exercise.name + ".cpp " +
                      (stub.why.empty() ? "does not exist" : stub.why));
}

SubmissionFile read_one(const Fd& folder, const std::string& path, const std::string& stub) {
  SubmissionFile file;
  file.path = path;
  FileText found = read_beneath(folder, path, kMaxSubmissionBytes);
  if (found.state == FileText::State::absent) return file;
  const std::string why =
      found.state == FileText::State::refused ? found.why : not_source(found.text);
  if (!why.empty()) {
    file.state = State::refused;
    file.message = path + " " + why + ".";
    return file;
  }
  file.state = as_handed_out(found.text) == as_handed_out(stub) ? State::stub : State::answer;
  file.text = std::move(found.text);
  return file;
}

}  // namespace

SubmissionFile read_submission(const std::filesystem::path& folder, const Catalog& catalog,
                               const Exercise& exercise) {
  const Fd fd = opened(folder);
  const std::string stub = stub_of(exercise);
  SubmissionFile best;
  best.path = exercise.submission_path();
  for (const std::string& path : candidates(catalog, exercise)) {
    SubmissionFile next = read_one(fd, path, stub);
    if (next.state == State::absent) continue;
    const bool weightier =
        best.state == State::absent || (best.state == State::stub && next.state != State::stub);
    if (weightier) {
      best = std::move(next);
    } else if (next.state != State::stub && (next.state != best.state || next.text != best.text)) {
      best.message = best.path + " and " + next.path + " both answer " + exercise.id +
                     ", and differ. Keep the one that counts and remove the other.";
      best.state = State::refused;
      best.text.clear();
      break;
    }
  }
  return best;
}

std::vector<const Exercise*> find_exercises(const std::filesystem::path& folder,
                                            const Catalog& catalog) {
  const Fd fd = opened(folder);
  std::vector<const Exercise*> out;
  for (const Exercise& exercise : catalog.exercises()) {
    const std::vector<std::string> paths = candidates(catalog, exercise);
    if (std::any_of(paths.begin(), paths.end(),
                    [&](const std::string& path) { return exists_beneath(fd, path); }))
      out.push_back(&exercise);
  }
  return out;
}

std::string submission_sha256(const std::vector<SubmissionFile>& files) {
  std::vector<const SubmissionFile*> sorted;
  for (const SubmissionFile& file : files) sorted.push_back(&file);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->path < b->path; });
  std::string all;
  for (const SubmissionFile* file : sorted) {
    if (file->state == State::absent) continue;
    // Lengths before contents, so that no two submissions run together into the same bytes.
    all += std::to_string(file->path.size()) + ":" + file->path;
    all += std::to_string(static_cast<int>(file->state)) + ":";
    all += std::to_string(file->text.size()) + ":" + file->text;
  }
  return sha256(all);
}

}  // namespace kata::catalog
