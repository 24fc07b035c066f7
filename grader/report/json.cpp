// The report as JSON: docs/report.schema.json is its contract.
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "report/text.hpp"

namespace kata::report {

namespace {

using Json = nlohmann::ordered_json;

// Caps: a report stays readable, whatever a learner's program printed.
constexpr std::size_t kShort = 300;     // names, titles
constexpr std::size_t kMessage = 4000;  // for a person, a few lines
constexpr std::size_t kLong = 16000;    // compilers and what a program printed
constexpr std::size_t kMaxTests = 1000;

std::string brief(const std::string& text) {
  return safe_text(text, kShort);
}

double finite(double x) {
  return std::isfinite(x) ? x : 0;
}
double at_least_zero(double x) {
  return std::max(finite(x), 0.0);
}
Json measured(double x) {
  return std::isfinite(x) ? Json(x) : Json(nullptr);
}
Json or_null(const std::string& text, std::size_t max_bytes) {
  return text.empty() ? Json(nullptr) : Json(safe_text(text, max_bytes));
}
/// To the microsecond: more digits would be noise.
double seconds(double x) {
  return std::round(at_least_zero(x) * 1e6) / 1e6;
}

Json tests_json(const std::vector<Test>& tests) {
  Json out = Json::array();
  for (const Test& test : tests) {
    if (out.size() == kMaxTests) break;
    out.push_back({{"name", brief(test.name)},
                   {"group", brief(test.group)},
                   {"visibility", test.visibility == "hidden" ? "hidden" : "public"},
                   {"status", to_string(test.status)},
                   {"message", safe_text(test.message, kMessage)},
                   {"duration_s", seconds(test.duration_s)},
                   {"replay", brief(test.replay)}});
  }
  return out;
}

Json misconceptions_json(const std::vector<Misconception>& misconceptions) {
  Json out = Json::array();
  for (const Misconception& m : misconceptions)
    out.push_back({{"id", brief(m.id)},
                   {"title", brief(m.title)},
                   {"explanation", safe_text(m.explanation, kMessage)},
                   {"evidence", safe_text(m.evidence, kMessage)}});
  return out;
}

Json performance_json(const std::optional<Performance>& performance) {
  if (!performance) return nullptr;
  const Performance& p = *performance;
  return {{"verdict", brief(p.verdict)},
          {"ratio_to_reference", measured(p.ratio_to_reference)},
          {"interval", Json::array({measured(p.interval[0]), measured(p.interval[1])})},
          {"speedup_over_whiteboard", measured(p.speedup_over_whiteboard)},
          {"fraction_of_limit", measured(p.fraction_of_limit)},
          {"points", at_least_zero(p.points)},
          {"max_points", at_least_zero(p.max_points)}};
}

Json diagnostics_json(const std::optional<Diagnostics>& diagnostics) {
  if (!diagnostics) return nullptr;
  return {{"compiler", safe_text(diagnostics->compiler, kLong)},
          {"signal", brief(diagnostics->signal)},
          {"where", brief(diagnostics->where)},
          {"printed", safe_text(diagnostics->printed, kLong)}};
}

Json exercise_json(const Exercise& e) {
  return {{"id", brief(e.id)},
          {"title", brief(e.title)},
          {"topic", brief(e.topic)},
          {"status", to_string(e.status)},
          {"points", at_least_zero(e.points)},
          {"max_points", at_least_zero(e.max_points)},
          {"duration_s", seconds(e.duration_s)},
          {"build_s", seconds(e.build_s)},
          {"tests", tests_json(e.tests)},
          {"misconceptions", misconceptions_json(e.misconceptions)},
          {"performance", performance_json(e.performance)},
          {"diagnostics", diagnostics_json(e.diagnostics)},
          {"fault", or_null(e.fault, kMessage)}};
}

Json summary_json(const Summary& s) {
  return {{"points", at_least_zero(s.points)},
          {"max_points", at_least_zero(s.max_points)},
          {"passed", s.passed},
          {"not_passed", s.not_passed},
          {"not_attempted", s.not_attempted},
          {"grader_faults", s.grader_faults}};
}

Json report_json(const Report& r) {
  Json layers = Json::array();
  for (const std::string& layer : r.sandbox_layers) layers.push_back(brief(layer));
  Json exercises = Json::array();
  for (const Exercise& exercise : r.exercises) exercises.push_back(exercise_json(exercise));
  return {{"schema", "kata.report/1"},
          {"submission",
           {{"name", brief(r.submission.name)},
            {"path", safe_text(r.submission.path, kMessage)},
            {"sha256", brief(r.submission.sha256)}}},
          {"grader", {{"version", brief(r.grader.version)}, {"commit", brief(r.grader.commit)}}},
          {"machine",
           {{"cpu", brief(r.machine.cpu)},
            {"cores", std::max(r.machine.cores, 0)},
            {"os", brief(r.machine.os)},
            {"compiler", brief(r.machine.compiler)}}},
          {"sandbox", {{"layers", std::move(layers)}}},
          {"seed", brief(r.seed)},
          {"started_at", brief(r.started_at)},
          {"duration_s", seconds(r.duration_s)},
          {"summary", summary_json(summarise(r))},
          {"exercises", std::move(exercises)}};
}

}  // namespace

std::string to_json(const Report& report, int indent) {
  return report_json(report).dump(indent);
}

std::string to_json(const std::vector<Report>& reports, int indent) {
  Json out = Json::array();
  for (const Report& report : reports) out.push_back(report_json(report));
  return out.dump(indent);
}

}  // namespace kata::report
