// What a learner has done so far: the last verdict of each exercise, beside the answers, in
// work/.kata/progress.json. Written beside and renamed, so that a kill leaves the old or the new
// one.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "catalog/catalog.hpp"
#include "report/report.hpp"

namespace kata::classroom {

class Progress {
 public:
  /// Reads the file; one that is missing or cannot be read counts as empty.
  explicit Progress(const std::filesystem::path& work);

  struct Entry {
    std::string sha256;  // of the answer that was graded
    std::string status;
    double points = 0;
    int hints = 0;  // seen so far
  };

  /// "not_attempted" for the stub as it came, the status of the last verdict for an answer that was
  /// graded, "changed" for one that was edited since, "untried" for one that never was.
  std::string state(const catalog::Catalog& catalog, const catalog::Exercise& exercise) const;
  const Entry* find(const std::string& id) const;

  void record(const std::string& id, const std::string& text, const report::Exercise& verdict);
  void record_hints(const std::string& id, int seen);

 private:
  void save() const;

  std::filesystem::path work_;
  std::map<std::string, Entry> entries_;
};

/// The learner's copy of a stub, made when there is none; returns where it is.
std::filesystem::path provide_stub(const std::filesystem::path& work,
                                   const catalog::Exercise& exercise);

/// Writes `text` beside `path` and renames it there. Throws std::runtime_error with a sentence.
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace kata::classroom
