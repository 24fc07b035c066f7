// The exercises as plain data, found by their folders: nothing in this project lists them by hand.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace kata::catalog {

struct Text {
  std::string en, zh;
};

struct SpeedCase {
  std::map<std::string, double> sizes;  // {"n": 256, "features": 1024}
};

struct Manifest {
  Text title;
  int order = 0;  // within the topic
  int level = 1;  // 1 phone screen .. 4 take-home
  int minutes = 10;
  std::map<std::string, int> paths;  // learning path -> day
  double correctness_points = 0, speed_points = 0;
  std::string source_section;
  std::vector<std::string> source_questions;
  std::vector<int> source_errata;
  std::vector<std::string> functions;      // names in the exercise's namespace
  std::vector<std::string> given;          // ids whose headers may be included
  std::vector<std::string> prerequisites;  // ids
  std::vector<std::string> forbidden;      // headers an answer may not include, such as Eigen/SVD
  std::vector<std::string> free_groups;    // properties that junk has too: no points by themselves
  std::vector<Text> hints;
  double seconds = 5;   // CPU time of one test
  int megabytes = 512;  // memory of one worker
  std::vector<SpeedCase> speed_cases;
  std::string speed_full_marks;  // alternative_*; empty: no speed part
};

struct Exercise {
  std::string id;  // topic/name
  std::string topic, name;
  Manifest manifest;
  std::filesystem::path folder;     // exercises/<id>
  std::filesystem::path solutions;  // solutions/<id>; may be absent (a learner's pack)

  std::filesystem::path header() const { return folder / (name + ".hpp"); }
  std::filesystem::path stub() const { return folder / (name + ".cpp"); }
  std::string name_space() const { return topic + "::" + name; }
  /// The path that a submission has below its folder: topic/name.cpp.
  std::string submission_path() const { return topic + "/" + name + ".cpp"; }
};

struct Topic {
  std::string id;
  Text title;
  int order = 0;
};

/// One folder that holds exercises/ and solutions/: the project's own, or a private pack.
using Root = std::filesystem::path;

class Catalog {
 public:
  /// Reads every <root>/exercises/<topic>/<name>/exercise.json. A manifest that cannot be read
  /// throws ManifestError; nothing is skipped silently.
  ///
  /// Also refused: an exercise that two roots hold, a name that is not of a-z, 0-9 and _, an id in
  /// `given` or `prerequisites` that no root holds, and one of them that leads back to the exercise
  /// itself. A topic.json may stand in several roots if all say the same; a pack may leave it out
  /// for a topic of an earlier root. Folders whose names start with a dot are not looked at.
  static Catalog load(const std::vector<Root>& roots);

  const std::vector<Exercise>& exercises() const { return exercises_; }  // by topic, then order
  const std::vector<Topic>& topics() const { return topics_; }
  /// By id, or by name alone where that is unambiguous.
  const Exercise* find(const std::string& id_or_name) const;
  /// The ids nearest to a mistyped one, best first, at most `n`.
  std::vector<std::string> nearest(const std::string& id, std::size_t n = 3) const;

 private:
  std::vector<Exercise> exercises_;
  std::vector<Topic> topics_;
};

/// A sentence that names the file, the place in it (JSON pointer) and what is wrong.
struct ManifestError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace kata::catalog
