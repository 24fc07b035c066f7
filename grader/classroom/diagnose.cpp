#include "classroom/diagnose.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "classroom/records.hpp"
#include "examiner/client.hpp"

namespace kata::classroom {

namespace {

constexpr std::size_t kMostCases = 6;  // failed cases that are looked at
constexpr std::size_t kMostNamed = 3;  // more than that is no diagnosis

builder::Built build_own(Engine& engine, const catalog::Exercise& exercise, const std::string& file,
                         bool mistakes) {
  std::ifstream in(exercise.solutions / file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  builder::Request request;
  request.exercise = &exercise;
  request.sources = {{text.str(), "solutions/" + exercise.id + "/" + file}};
  request.own = true;
  request.mistakes = mistakes;
  return in ? engine.builder().build(request) : builder::Built{};
}

/// The first sentence is the title, the rest explains it.
void split(const std::string& text, report::Misconception& m) {
  std::size_t end = std::string::npos;
  for (const char* stop : {". ", ": ", "。", "："}) {
    const std::size_t at = text.find(stop);
    if (at != std::string::npos && at < end) end = at + (stop[1] == ' ' ? 1 : 3);
  }
  if (end == std::string::npos || end >= text.size()) {
    m.title = text;
    return;
  }
  m.title = text.substr(0, end);
  m.explanation = text.substr(text[end] == ' ' ? end + 1 : end);
}

}  // namespace

void diagnose(Engine& engine, const catalog::Exercise& exercise, const std::string& worker,
              examiner::Job job, const std::vector<examiner::Record>& records,
              const std::string& lang, report::Exercise& result) {
  using Kind = examiner::Record::Kind;
  job.cases.clear();
  for (const examiner::Record& record : records)
    if (record.kind == Kind::test && record.status == "wrong_answer" &&
        job.cases.size() < kMostCases)
      job.cases.push_back(record.name);
  if (job.cases.empty() || !std::filesystem::exists(exercise.solutions / "mistakes.cpp")) return;
  const builder::Built reference = build_own(engine, exercise, exercise.name + ".cpp", false);
  const builder::Built mutants = build_own(engine, exercise, "mistakes.cpp", true);
  if (!reference.ok || !mutants.ok) return;  // dev check says why; a verdict needs no diagnosis
  job.diagnose = true;
  job.replay.clear();
  job.subjects = {{worker, ""}, {reference.worker.string(), ""}, {mutants.worker.string(), ""}};
  examiner::Client client(engine.examiner(exercise), engine.launcher(), engine.sandboxed());
  const std::vector<examiner::Record> said =
      examiner::examine(client, job, 4 * examination_deadline(exercise));

  std::vector<report::Misconception> found;
  for (const examiner::Record& explained : said) {
    if (explained.kind != Kind::explained) continue;
    const auto mistake =
        std::find_if(said.begin(), said.end(), [&](const examiner::Record& record) {
          return record.kind == Kind::mistake && record.name == explained.name;
        });
    if (mistake == said.end()) continue;
    report::Misconception m;
    m.id = mistake->name;
    split(lang == "zh" ? mistake->more : mistake->text, m);
    m.evidence = "the same replies as that mistake gives in: " + explained.text;
    found.push_back(std::move(m));
  }
  if (found.size() <= kMostNamed) result.misconceptions = std::move(found);
}

}  // namespace kata::classroom
