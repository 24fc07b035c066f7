#include "classroom/explain.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

#include "classroom/records.hpp"
#include "examiner/client.hpp"

namespace kata::classroom {

namespace {

const char* meaning(const std::string& kind) {
  if (kind == "heap-buffer-overflow")
    return "it reads or writes past the end of an array (or before its begin)";
  if (kind == "stack-buffer-overflow" || kind == "dynamic-stack-buffer-overflow")
    return "it reads or writes past the end of a local array";
  if (kind == "global-buffer-overflow") return "it reads or writes past the end of a global array";
  if (kind == "heap-use-after-free") return "it uses memory that was freed before";
  if (kind == "stack-use-after-return" || kind == "stack-use-after-scope")
    return "it uses a local variable that is gone (a dangling reference, or `auto` that keeps an "
           "Eigen expression of temporaries)";
  if (kind == "stack-overflow") return "the stack is full: a recursion that does not end";
  if (kind == "SEGV") return "it uses an address that is none of its own, or writes to an input";
  return "";
}

}  // namespace

Explanation read_sanitizer(const std::string& text, const std::string& file) {
  Explanation e;
  std::smatch match;
  static const std::regex address_error("AddressSanitizer:? ([A-Za-z-]+)");
  static const std::regex access("\n(READ|WRITE) of size ([0-9]+)");
  static const std::regex undefined("([^\n ]*):([0-9]+):[0-9]+: runtime error: ([^\n]*)");
  if (std::regex_search(text, match, undefined)) {
    e.what = match[3];
    if (std::string(match[1]).find(file) != std::string::npos)
      e.where = file + ":" + std::string(match[2]);
  } else if (std::regex_search(text, match, address_error)) {
    const std::string kind = match[1];
    e.what = kind;
    if (std::regex_search(text, match, access))
      e.what += std::string(match[1] == "READ" ? ", reading " : ", writing ") +
                std::string(match[2]) + " bytes";
    if (const std::string means = meaning(kind); !means.empty()) e.what += ": " + means;
  }
  if (e.where.empty() && !e.what.empty()) {
    // The first frame in the learner's file.
    for (std::size_t at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
      const std::size_t begin = at + file.size();
      if (begin >= text.size() || text[begin] != ':') continue;
      std::size_t end = begin + 1;
      while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
      if (end == begin + 1) continue;
      e.where = file + text.substr(begin, end - begin);
      break;
    }
  }
  return e;
}

void explain_crash(Engine& engine, const catalog::Exercise& exercise, builder::Request request,
                   examiner::Job job, const std::vector<examiner::Record>& records,
                   report::Exercise& result) {
  const auto crashed =
      std::find_if(records.begin(), records.end(), [](const examiner::Record& record) {
        return record.kind == examiner::Record::Kind::test && record.status == "crashed";
      });
  if (crashed == records.end() || !result.diagnostics) return;
  request.flags = builder::Flags::asan;
  const builder::Built built = engine.builder().build(request);
  if (!built.ok) return;
  job.subjects = {{built.worker.string(), ""}};
  job.sanitized = true;
  job.replay = crashed->replay;
  examiner::Client client(engine.examiner(exercise), engine.launcher(), engine.sandboxed());
  for (const examiner::Record& record :
       examiner::examine(client, job, examination_deadline(exercise))) {
    if (record.kind != examiner::Record::Kind::test || record.name != crashed->name) continue;
    const std::string text =
        engine.builder().with_lines(request, built.worker, record.printed + "\n" + record.text);
    const Explanation e = read_sanitizer(text, request.sources.at(0).shown_as);
    if (e.what.empty()) return;
    if (!e.where.empty()) result.diagnostics->where = e.where;
    for (report::Test& test : result.tests)
      if (test.name == crashed->name)
        test.message += "\n" + (e.where.empty() ? "" : e.where + ": ") + e.what;
    return;
  }
}

}  // namespace kata::classroom
