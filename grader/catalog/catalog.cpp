// Finds the exercises by their folders and holds them against each other. See catalog.hpp.
#include "catalog/catalog.hpp"

#include <algorithm>
#include <set>
#include <system_error>

#include "catalog/beneath.hpp"
#include "catalog/json_reader.hpp"
#include "catalog/manifest.hpp"
#include "catalog/nearest.hpp"

namespace kata::catalog {

namespace fs = std::filesystem;

namespace {

/// The folders in `folder`, sorted by name, but for hidden ones.
std::vector<std::string> folders_in(const fs::path& folder, const std::string& shown) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;  // what cannot be looked at is no folder
    if (name[0] != '.' && it->is_directory(ignored)) names.push_back(name);
  }
  if (error) throw ManifestError(shown + ": cannot be listed: " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::string text_of(const fs::path& file, const std::string& shown) {
  FileText read = read_file(file, kMaxJsonBytes);
  if (read.state == FileText::State::absent) throw ManifestError(shown + ": does not exist");
  if (read.state == FileText::State::refused) throw ManifestError(shown + ": " + read.why);
  return std::move(read.text);
}

void check_name(const std::string& name, const std::string& shown) {
  if (!is_name(name))
    throw ManifestError(shown +
                        ": the folder's name must be of a-z, 0-9 and _ and start with a letter, "
                        "since it becomes a namespace");
}

bool same(const Topic& a, const Topic& b) {
  return a.title.en == b.title.en && a.title.zh == b.title.zh && a.order == b.order;
}

/// What all roots hold, in the order of its discovery.
struct Found {
  std::vector<Topic> topics;
  std::vector<Exercise> exercises;
  std::map<std::string, std::string> shown;  // id -> how messages call its manifest

  Topic* topic(const std::string& id) {
    const auto at = std::find_if(topics.begin(), topics.end(),
                                 [&](const Topic& topic) { return topic.id == id; });
    return at == topics.end() ? nullptr : &*at;
  }

  void read_topic(const fs::path& folder, const std::string& id, const std::string& prefix) {
    const std::string file = prefix + "/topic.json";
    Topic* const known = topic(id);
    std::error_code error;
    if (known && !fs::exists(folder / "topic.json", error)) return;
    Topic read = parse_topic(text_of(folder / "topic.json", file), id, file);
    if (!known)
      topics.push_back(std::move(read));
    else if (!same(*known, read))
      throw ManifestError(file +
                          ": differs from the topic.json of the same topic in an earlier root");
  }

  void read_exercise(const Root& root, const std::string& topic_id, const std::string& name,
                     const std::string& prefix) {
    check_name(name, prefix);
    Exercise exercise;
    exercise.topic = topic_id;
    exercise.name = name;
    exercise.id = topic_id + "/" + name;
    exercise.folder = root / "exercises" / topic_id / name;
    exercise.solutions = root / "solutions" / topic_id / name;
    const std::string file = prefix + "/exercise.json";
    const auto [other, is_new] = shown.emplace(exercise.id, file);
    if (!is_new)
      throw ManifestError(file + ": the exercise " + exercise.id + " is already in " +
                          other->second);
    exercise.manifest = parse_manifest(text_of(exercise.folder / "exercise.json", file), file);
    exercises.push_back(std::move(exercise));
  }

  void read_root(const Root& root, const std::string& prefix) {
    for (const std::string& id : folders_in(root / "exercises", prefix)) {
      if (id == "include") continue;  // the headers that all exercises share
      const std::string topic_prefix = prefix + "/" + id;
      const fs::path folder = root / "exercises" / id;
      check_name(id, topic_prefix);
      read_topic(folder, id, topic_prefix);
      for (const std::string& name : folders_in(folder, topic_prefix))
        read_exercise(root, id, name, topic_prefix + "/" + name);
    }
  }
};

using Ids = std::vector<std::string>;
using Links = Ids Manifest::*;

/// Everything that `links` leads to from one exercise exists and is not the exercise itself.
class LinkCheck {
 public:
  explicit LinkCheck(const Found& found) : found_(found) {
    for (const Exercise& exercise : found.exercises) {
      by_id_[exercise.id] = &exercise;
      ids_.push_back(exercise.id);
    }
  }

  void check(const Exercise& exercise, Links links, const std::string& key) const {
    const Ids& named = exercise.manifest.*links;
    for (std::size_t i = 0; i < named.size(); ++i) {
      const std::string place =
          found_.shown.at(exercise.id) + ", /" + key + "/" + std::to_string(i);
      if (by_id_.count(named[i]) == 0) {
        const Ids near = nearest_ids(named[i], ids_, 1);
        throw ManifestError(place + ": no exercise is called " + in_quotes(named[i]) +
                            (near.empty() ? "" : "; the nearest is " + in_quotes(near[0])));
      }
      if (reaches(named[i], exercise.id, links))
        throw ManifestError(place + ": " + in_quotes(named[i]) + " leads back to " + exercise.id);
    }
  }

 private:
  bool reaches(const std::string& from, const std::string& to, Links links) const {
    std::set<std::string> seen;
    Ids open = {from};
    while (!open.empty()) {
      const std::string id = open.back();
      open.pop_back();
      if (id == to) return true;
      const auto at = by_id_.find(id);
      if (!seen.insert(id).second || at == by_id_.end()) continue;
      const Ids& next = at->second->manifest.*links;
      open.insert(open.end(), next.begin(), next.end());
    }
    return false;
  }

  const Found& found_;
  std::map<std::string, const Exercise*> by_id_;
  Ids ids_;
};

}  // namespace

Catalog Catalog::load(const std::vector<Root>& roots) {
  Found found;
  for (std::size_t i = 0; i < roots.size(); ++i)
    // The first root is the project itself; paths in it need no more words.
    found.read_root(roots[i], i == 0 ? "exercises" : (roots[i] / "exercises").string());

  const LinkCheck links(found);
  for (const Exercise& exercise : found.exercises) {
    links.check(exercise, &Manifest::given, "given");
    links.check(exercise, &Manifest::prerequisites, "prerequisites");
  }

  Catalog out;
  std::sort(found.topics.begin(), found.topics.end(), [](const Topic& a, const Topic& b) {
    return a.order != b.order ? a.order < b.order : a.id < b.id;
  });
  for (const Topic& topic : found.topics) {
    std::vector<Exercise> members;
    for (const Exercise& exercise : found.exercises)
      if (exercise.topic == topic.id) members.push_back(exercise);
    std::sort(members.begin(), members.end(), [](const Exercise& a, const Exercise& b) {
      const int x = a.manifest.order;
      const int y = b.manifest.order;
      return x != y ? x < y : a.id < b.id;
    });
    out.exercises_.insert(out.exercises_.end(), members.begin(), members.end());
  }
  out.topics_ = std::move(found.topics);
  return out;
}

const Exercise* Catalog::find(const std::string& id_or_name) const {
  const Exercise* by_name = nullptr;
  int names = 0;
  for (const Exercise& exercise : exercises_) {
    if (exercise.id == id_or_name) return &exercise;
    if (exercise.name != id_or_name) continue;
    by_name = &exercise;
    ++names;
  }
  return names == 1 ? by_name : nullptr;
}

std::vector<std::string> Catalog::nearest(const std::string& id, std::size_t n) const {
  std::vector<std::string> ids;
  for (const Exercise& exercise : exercises_) ids.push_back(exercise.id);
  return nearest_ids(id, ids, n);
}

}  // namespace kata::catalog
