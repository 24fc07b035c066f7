#include "classroom/records.hpp"

namespace kata::classroom {

namespace {

using examiner::Record;
using report::Status;

report::Test to_test(const Record& record) {
  report::Test test;
  test.name = record.name;
  test.group = record.group;
  test.visibility = record.hidden ? "hidden" : "public";
  // A stub that throws is an answer that is not right yet; the message says what it is.
  test.status = record.status == "not_implemented" ? Status::wrong_answer
                                                   : report::status_from(record.status);
  test.message = test.status == Status::not_run ? "" : record.text;
  test.duration_s = record.seconds;
  test.replay = record.replay;
  return test;
}

}  // namespace

void apply_records(report::Exercise& exercise, const std::vector<Record>& records,
                   std::uint32_t subject) {
  const Record* first_failure = nullptr;
  std::string printed;
  for (const Record& record : records) {
    if (record.kind == Record::Kind::fault) {
      exercise.status = Status::grader_fault;
      exercise.fault = record.text;
      return;
    }
    if (record.kind != Record::Kind::test || record.subject != subject) continue;
    exercise.tests.push_back(to_test(record));
    const Status status = exercise.tests.back().status;
    if (status == Status::grader_fault) exercise.fault = record.text;
    if (first_failure == nullptr && status != Status::passed && status != Status::not_run)
      first_failure = &record;
    if (printed.empty()) printed = record.printed;
  }
  exercise.status = report::verdict(exercise.tests);
  if (exercise.status == Status::grader_fault && exercise.fault.empty())
    exercise.fault = "the examiner of " + exercise.id + " ran no test";
  if (first_failure != nullptr || !printed.empty()) {
    report::Diagnostics& d = exercise.diagnostics.emplace();
    if (first_failure != nullptr) {
      d.signal = first_failure->more;
      d.where = first_failure->call;
      if (!first_failure->printed.empty()) printed = first_failure->printed;
    }
    d.printed = printed;
  }
}

double examination_deadline(const catalog::Exercise& exercise) {
  return 60 + 30 * exercise.manifest.seconds;
}

}  // namespace kata::classroom
