#include "classroom/mutants.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "classroom/records.hpp"
#include "examiner/client.hpp"

namespace kata::classroom {

std::vector<const Mutant*> KillTable::survivors() const {
  std::vector<const Mutant*> list;
  for (const Mutant& m : mutants)
    if (m.killed_by.empty()) list.push_back(&m);
  return list;
}

std::vector<const Mutant*> KillTable::killed_once() const {
  std::vector<const Mutant*> list;
  for (const Mutant& m : mutants)
    if (m.killed_by.size() == 1) list.push_back(&m);
  return list;
}

KillTable kill_table(Engine& engine, const catalog::Exercise& exercise, std::uint64_t secret) {
  KillTable table;
  table.exercise = exercise.id;
  const std::filesystem::path path = exercise.solutions / "mistakes.cpp";
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    table.fault = "cannot read " + path.string();
    return table;
  }
  builder::Request request;
  request.exercise = &exercise;
  request.sources = {{text.str(), "solutions/" + exercise.id + "/mistakes.cpp"}};
  request.own = true;
  request.mistakes = true;
  const builder::Built built = engine.builder().build(request);
  if (!built.ok) {
    table.fault = built.message + "\n" + built.diagnostics;
    return table;
  }
  examiner::Job job;
  job.subjects = {{built.worker.string(), ""}};
  job.mistakes = true;
  job.secret = secret;
  job.seconds = exercise.manifest.seconds;
  job.memory_bytes = static_cast<std::uint64_t>(exercise.manifest.megabytes) << 20;
  examiner::Client client(engine.examiner(exercise), engine.launcher(), engine.sandboxed());
  for (const examiner::Record& record :
       examiner::examine(client, job, 64 * examination_deadline(exercise))) {
    switch (record.kind) {
      case examiner::Record::Kind::mistake:
        table.mutants.push_back({record.name, record.text, record.more, record.group, {}, 0});
        break;
      case examiner::Record::Kind::test: {
        Mutant& mutant = table.mutants.at(record.subject);
        mutant.seconds += record.seconds;
        if (record.status == "grader_fault") table.fault = record.text;
        if (!record.hidden) break;
        if (record.subject == 0) table.hidden_tests.push_back(record.name);
        // A test that was left out after two time-outs killed nothing by itself.
        if (record.status != "passed" && record.status != "not_run")
          mutant.killed_by.push_back(record.name);
        break;
      }
      case examiner::Record::Kind::subject_done:
      case examiner::Record::Kind::explained:
        break;
      case examiner::Record::Kind::fault:
        table.fault = record.text;
        break;
    }
  }
  if (table.fault.empty() && table.mutants.empty())
    table.fault = path.string() + " lists no mistakes";
  return table;
}

}  // namespace kata::classroom
