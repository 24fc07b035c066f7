// Our Catch2 reporter: turns test cases into Records as they end. Nothing is printed, so nothing
// needs to be parsed.
#include <cctype>
#include <chrono>
#include <cstdio>
#include <kata/test.hpp>
#include <utility>

#include "examiner/examination.hpp"
#include "examiner/sink.hpp"

CATCH_TRANSLATE_EXCEPTION(const kata::examiner::Loss& loss) {
  return loss.detail;
}
CATCH_TRANSLATE_EXCEPTION(const kata::test::BudgetSpent& spent) {
  return "the objective was evaluated more than the " + std::to_string(spent.cap) +
         " times that are enough";
}

namespace kata::examiner {

namespace {

using Clock = std::chrono::steady_clock;

std::string to_status(Cause cause) {
  switch (cause) {
    case Cause::crashed:
      return "crashed";
    case Cause::timed_out:
      return "timed_out";
    case Cause::out_of_memory:
      return "out_of_memory";
    case Cause::output_limit:
      return "output_limit";
    case Cause::forbidden_call:
      return "forbidden_call";
    case Cause::broken_reply:
      return "broken_reply";
    case Cause::not_implemented:
      return "not_implemented";
    case Cause::foreign_exception:
      return "wrong_answer";
    case Cause::not_run:
      return "not_run";
    case Cause::grader_fault:
      return "grader_fault";
  }
  return "grader_fault";
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \n\t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \n\t") - begin + 1);
}

/// "dx" of `CHECK_THAT(dx, is_close_to(...))`; nothing if it is an expression.
std::string subject_of(const std::string& captured) {
  const std::string name = trimmed(captured.substr(0, captured.find(',')));
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '.') return "";
  return name;
}

/// One failed assertion in a line.
std::string describe(const Catch::AssertionStats& stats) {
  const auto& result = stats.assertionResult;
  std::string text;
  const std::string mismatch = std::exchange(test::last_mismatch(), "");
  if (result.getResultType() == Catch::ResultWas::ThrewException) {
    const std::string thrown = trimmed(std::string(result.getMessage()));
    const bool lost = Examination::current().loss().has_value();
    text = lost ? Examination::current().loss()->detail
                : Examination::current().last_call() + " threw an exception: " + thrown;
  } else if (!mismatch.empty()) {
    const std::string name = subject_of(std::string(result.getExpression()));
    text = (name.empty() ? "" : name + (mismatch.front() == '(' ? "" : ": ")) + mismatch;
  } else {
    text = trimmed(std::string(result.getExpression()));
    const std::string expanded = trimmed(std::string(result.getExpandedExpression()));
    text = "does not hold: " + text + (expanded == text ? "" : "   (here: " + expanded + ")");
    if (!result.hasExpression()) text = trimmed(std::string(result.getMessage()));
  }
  for (const Catch::MessageInfo& info : stats.infoMessages)
    if (info.message != std::string(result.getMessage())) text += "\n" + trimmed(info.message);
  return text;
}

}  // namespace

#if KATA_CATCH3
using ReporterBase = Catch::StreamingReporterBase;
#else
using ReporterBase = Catch::StreamingReporterBase<class KataReporter>;
#endif

class KataReporter : public ReporterBase {
 public:
#if KATA_CATCH3
  explicit KataReporter(Catch::ReporterConfig&& config) : ReporterBase(std::move(config)) {}
  void assertionStarting(const Catch::AssertionInfo&) override {}
  void assertionEnded(const Catch::AssertionStats& stats) override {
    ended(stats);
  }
#else
  explicit KataReporter(const Catch::ReporterConfig& config) : ReporterBase(config) {}
  void assertionStarting(const Catch::AssertionInfo&) override {}
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    ended(stats);
    return true;
  }
#endif
  static std::string getDescription() {
    return "records for kata";
  }

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    ReporterBase::testCaseStarting(info);
    name_ = info.name;
    message_.clear();
    start_ = Clock::now();
    depth_ = 0;
    Examination::current().begin_case(name_);
  }

  void sectionStarting(const Catch::SectionInfo& info) override {
    ReporterBase::sectionStarting(info);
    if (depth_++ == 0) Examination::current().begin_run();
  }
  void sectionEnded(const Catch::SectionStats& stats) override {
    ReporterBase::sectionEnded(stats);
    --depth_;
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    Examination& examination = Examination::current();
    examination.end_case();
    Record record;
    record.name = name_;
    for (const std::string& tag : tags_of(info_of(stats))) {
      if (tag == "hidden")
        record.hidden = true;
      else if (tag != "public")
        record.group = tag;
    }
    const bool failed = stats.totals.assertions.failed > 0;
    const bool checked = stats.totals.assertions.total() > 0;
    const auto& loss = examination.loss();
    if (loss) {
      record.status = to_status(loss->cause);
      record.text = loss->detail;
      record.more = loss->signal;
      record.call = loss->call;
    } else if (failed) {
      record.status = "wrong_answer";
      record.text = message_;
      record.call = examination.last_call();
    } else if (!checked) {
      record.status = "grader_fault";
      record.text = "the test case checks nothing";
    } else {
      record.status = "passed";
    }
    if (record.status != "passed" && record.status != "not_run") {
      char token[16];
      std::snprintf(token, sizeof token, "%08x-%04x", examination.case_seed(), case_tag(name_));
      record.replay = token;
    }
    record.printed = examination.printed();
    record.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    Sink::current().put(std::move(record));
    ReporterBase::testCaseEnded(stats);
  }

 private:
#if KATA_CATCH3
  static const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& s) {
    return *s.testInfo;
  }
#else
  static const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& s) {
    return s.testInfo;
  }
#endif
  static std::vector<std::string> tags_of(const Catch::TestCaseInfo& info) {
    std::vector<std::string> tags;
#if KATA_CATCH3
    for (const Catch::Tag& tag : info.tags) tags.emplace_back(std::string(tag.original));
#else
    tags = info.tags;
#endif
    return tags;
  }

  void ended(const Catch::AssertionStats& stats) {
    if (stats.assertionResult.isOk()) return;
    if (message_.empty()) message_ = describe(stats);
  }

  std::string name_, message_;
  Clock::time_point start_;
  int depth_ = 0;
};

CATCH_REGISTER_REPORTER("kata", KataReporter)

void link_reporter() {}

}  // namespace kata::examiner
