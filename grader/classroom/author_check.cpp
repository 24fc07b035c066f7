#include "classroom/author_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "classroom/grade.hpp"
#include "classroom/mutants.hpp"
#include "classroom/records.hpp"
#include "examiner/client.hpp"
#include "examiner/junk_names.hpp"

namespace kata::classroom {

namespace {

namespace fs = std::filesystem;
using Complaints = std::vector<std::string>;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void check_files(const catalog::Exercise& e, Complaints& out) {
  const std::vector<fs::path> wanted{e.folder / "README.md",
                                     e.folder / "README.zh.md",
                                     e.header(),
                                     e.stub(),
                                     e.folder / "examples.cpp",
                                     e.solutions / (e.name + ".cpp"),
                                     e.solutions / "whiteboard.cpp",
                                     e.solutions / "mistakes.cpp",
                                     e.solutions / "hidden.cpp",
                                     e.solutions / "NOTES.md",
                                     e.solutions / "NOTES.zh.md"};
  for (const fs::path& path : wanted)
    if (!fs::exists(path) || read(path).size() < 40)
      out.push_back(path.string() + " is missing or as good as empty");
  for (const auto& [folder, known] :
       {std::pair{e.folder, std::set<std::string>{"README.md", "README.zh.md", "exercise.json",
                                                  "examples.cpp", e.name + ".cpp"}},
        std::pair{e.solutions,
                  std::set<std::string>{"whiteboard.cpp", "mistakes.cpp", "hidden.cpp", "NOTES.md",
                                        "NOTES.zh.md", e.name + ".cpp"}}}) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      const bool header = entry.path().extension() == ".hpp";
      if (!header && known.count(name) == 0 && name.rfind("alternative_", 0) != 0)
        out.push_back(entry.path().string() + " is no part of an exercise");
    }
  }
}

void check_manifest(const catalog::Exercise& e, Complaints& out) {
  const catalog::Manifest& m = e.manifest;
  if (m.hints.size() != 3)
    out.push_back(fmt::format("the manifest has {} hints, not three", m.hints.size()));
  for (const catalog::Text& hint : m.hints)
    if (hint.en.size() < 10 || hint.zh.empty())
      out.push_back("a hint is missing in one of the two languages");
  if (m.title.zh.empty()) out.push_back("the title is missing in Chinese");
  if (m.source_section.empty())
    out.push_back("the manifest does not say which part of the source it comes from");
  if (m.correctness_points <= 0) out.push_back("the manifest gives no points for a right answer");
}

/// A test that a dead answer could satisfy: CHECK_THROWS without a type.
void check_tests(const catalog::Exercise& e, Complaints& out) {
  const std::pair<fs::path, std::string> files[] = {{e.folder / "examples.cpp", "[public]"},
                                                    {e.solutions / "hidden.cpp", "[hidden]"}};
  for (const auto& [path, tag] : files) {
    const std::string text = read(path);
    for (const char* banned : {"CHECK_THROWS(", "REQUIRE_THROWS(", "CHECK_NOTHROW(", "SUCCEED("})
      if (text.find(banned) != std::string::npos)
        out.push_back(
            fmt::format("{} uses {}), which holds for a dead answer too", path.string(), banned));
    if (text.find(tag == "[public]" ? "[hidden]" : "[public]") != std::string::npos)
      out.push_back(fmt::format("{} holds tests that are not {}", path.string(), tag));
  }
}

catalog::SubmissionFile answer(const fs::path& path, const std::string& shown_as) {
  catalog::SubmissionFile file;
  file.state = catalog::SubmissionFile::State::answer;
  file.text = read(path);
  file.path = shown_as;
  return file;
}

std::string first_failure(const report::Exercise& r) {
  if (!r.fault.empty()) return r.fault;
  for (const report::Test& test : r.tests)
    if (test.status != report::Status::passed) return "'" + test.name + "': " + test.message;
  return r.diagnostics ? r.diagnostics->compiler : "";
}

void check_stub(Engine& engine, const catalog::Exercise& e, Complaints& out) {
  GradeOptions options;
  options.secret = fresh_secret();
  const report::Exercise r =
      grade_exercise(engine, e, answer(e.stub(), e.submission_path()), options);
  if (r.status == report::Status::compile_error || r.status == report::Status::grader_fault)
    out.push_back("the stub does not compile: " + first_failure(r));
  else if (std::any_of(r.tests.begin(), r.tests.end(),
                       [](const report::Test& t) { return t.status == report::Status::passed; }))
    out.push_back("the stub passes a test");
}

void check_answers(Engine& engine, const catalog::Exercise& e, Complaints& out) {
  std::vector<fs::path> answers{e.solutions / (e.name + ".cpp"), e.solutions / "whiteboard.cpp"};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(e.solutions, error))
    if (entry.path().filename().string().rfind("alternative_", 0) == 0 &&
        entry.path().extension() == ".cpp")
      answers.push_back(entry.path());
  if (answers.size() < 4)
    out.push_back("there are fewer than two honest alternatives (alternative_*.cpp)");
  if (!e.manifest.speed_full_marks.empty() &&
      !fs::exists(e.solutions / (e.manifest.speed_full_marks + ".cpp")))
    out.push_back("speed.full_marks names " + e.manifest.speed_full_marks + ", which is not there");
  GradeOptions options;
  options.own = true;
  options.secret = fresh_secret();
  for (const fs::path& path : answers) {
    const report::Exercise r = grade_exercise(
        engine, e, answer(path, "solutions/" + e.id + "/" + path.filename().string()), options);
    if (r.status != report::Status::passed)
      out.push_back(fmt::format("{} is {}: {}", path.filename().string(),
                                report::to_string(r.status), first_failure(r)));
  }
}

void check_mutants(Engine& engine, const catalog::Exercise& e, Complaints& out) {
  const KillTable table = kill_table(engine, e, fresh_secret());
  if (!table.fault.empty()) return out.push_back("the mutants cannot be examined: " + table.fault);
  const std::size_t least = e.manifest.level == 1 ? 3 : 6;
  if (table.mutants.size() < least)
    out.push_back(fmt::format("there are {} mutants, fewer than {}", table.mutants.size(), least));
  std::set<std::string> ids;
  for (const Mutant& m : table.mutants) {
    if (!ids.insert(m.id).second) out.push_back("two mutants are called " + m.id);
    if (m.en.empty() || m.zh.empty() || m.origin.empty())
      out.push_back("the mutant " + m.id + " lacks its sentence in a language, or its origin");
  }
  for (const Mutant* m : table.survivors())
    out.push_back("no hidden test kills the mutant " + m->id);
  for (const Mutant* m : table.killed_once())
    out.push_back("the mutant " + m->id + " is killed by one test alone: " + m->killed_by[0]);
}

/// Junk passes no exercise; groups that it passes must be named in free_groups, and only those.
void check_junk(Engine& engine, const catalog::Exercise& e, Complaints& out) {
  builder::Request request;
  request.exercise = &e;
  request.own = true;
  request.sources = {
      {read(e.solutions / (e.name + ".cpp")), "solutions/" + e.id + "/" + e.name + ".cpp"}};
  const builder::Built built = engine.builder().build(request);
  if (!built.ok) return;  // said elsewhere
  examiner::Job job;
  for (const std::string& name : examiner::junk_names())
    job.subjects.push_back({built.worker.string(), "junk:" + name});
  job.secret = fresh_secret();
  job.seconds = e.manifest.seconds;
  job.memory_bytes = static_cast<std::uint64_t>(e.manifest.megabytes) << 20;
  examiner::Client client(engine.examiner(e), engine.launcher(), engine.sandboxed());
  const std::vector<examiner::Record> records = examiner::examine(client, job, 600);
  std::set<std::string> free;
  for (std::uint32_t i = 0; i < job.subjects.size(); ++i) {
    report::Exercise r;
    apply_records(r, records, i);
    if (r.status == report::Status::grader_fault)
      return out.push_back("junk could not be examined: " + r.fault);
    if (r.status == report::Status::passed)
      out.push_back("junk passes: an answer of " + examiner::junk_names()[i]);
    std::map<std::string, bool> groups;
    for (const report::Test& t : r.tests)
      groups.try_emplace(t.group, true).first->second &= t.status == report::Status::passed;
    for (const auto& [group, passed] : groups)
      if (passed) free.insert(group);
  }
  const std::vector<std::string>& listed = e.manifest.free_groups;
  for (const std::string& group : free)
    if (std::find(listed.begin(), listed.end(), group) == listed.end())
      out.push_back("junk passes every test of the group " + group +
                    ": name it in the manifest's free_groups, or test more");
  for (const std::string& group : listed)
    if (free.count(group) == 0)
      out.push_back("the manifest's free_groups names " + group + ", which no junk passes");
}

}  // namespace

std::vector<std::string> check_exercise(Engine& engine, const catalog::Exercise& exercise) {
  Complaints out;
  check_files(exercise, out);
  check_manifest(exercise, out);
  check_tests(exercise, out);
  if (!out.empty()) return out;
  check_stub(engine, exercise, out);
  check_answers(engine, exercise, out);
  check_mutants(engine, exercise, out);
  check_junk(engine, exercise, out);
  return out;
}

}  // namespace kata::classroom
