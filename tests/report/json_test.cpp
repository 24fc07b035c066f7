// The report as JSON: what the schema says, whatever a submission did.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "check.hpp"
#include "report/report.hpp"
#include "report/samples.hpp"

namespace kata::report {
namespace {

using nlohmann::json;
using testing::report_of;
using testing::right_adam;
using testing::wrong_batchnorm;

/// The exit status of tests/schema_test.py for a text.
int judged(const std::string& text) {
  std::string name = (std::filesystem::temp_directory_path() / "kata_report_XXXXXX").string();
  const int fd = mkstemp(name.data());
  REQUIRE(fd >= 0);
  close(fd);
  std::ofstream(name, std::ios::binary) << text;
  const std::string command =
      "/usr/bin/python3 '" KATA_SOURCE_DIR "/tests/schema_test.py' '" + name + "'";
  const int status = std::system(command.c_str());
  std::filesystem::remove(name);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void check_valid(const std::string& text) {
  const int status = judged(text);
  if (status == 77) {
    WARN("python3-jsonschema is not installed: the report was not held against its schema");
    return;
  }
  CHECK(status == 0);
}

Exercise hostile() {
  using std::string_literals::operator""s;  // a literal may then hold a zero
  const std::string bytes =
      "\x1b[2J\x1b]0;x\x07 ]]> <b>&\" \xff\xfe \xc0\xaf \xed\xa0\x80 \0 \r\n\t\x7f\xc2\x9b"
      "\xe2\x80\xae"
      "evil"s;
  Exercise e = wrong_batchnorm();
  e.id = "optimizers/adam";
  e.title = bytes;
  e.duration_s = std::numeric_limits<double>::quiet_NaN();
  e.build_s = -1;
  e.points = std::numeric_limits<double>::infinity();
  e.max_points = std::numeric_limits<double>::infinity();
  e.tests[0].name = e.tests[0].group = e.tests[0].message = e.tests[0].replay = bytes;
  e.tests[0].visibility = bytes;
  e.tests[1].message = std::string(5000000, '\xff');
  e.misconceptions[0].evidence = bytes;
  e.diagnostics = Diagnostics{std::string(5000000, 'x'), bytes, bytes, bytes};
  Performance p;
  p.verdict = "cannot tell";
  p.ratio_to_reference = std::numeric_limits<double>::quiet_NaN();
  p.interval[0] = -std::numeric_limits<double>::infinity();
  e.performance = p;
  return e;
}

TEST_CASE("a report has the documented keys and values") {
  Exercise fault;
  fault.id = "layers/conv2d";
  fault.topic = "layers";
  fault.status = Status::grader_fault;
  fault.fault = "the oracle could not be built";
  const json r = json::parse(to_json(report_of({right_adam(), wrong_batchnorm(), fault})));
  CHECK(r["schema"] == "kata.report/1");
  CHECK(r["submission"] ==
        json{{"name", "anna"}, {"path", "class/anna"}, {"sha256", std::string(64, 'a')}});
  CHECK(r["grader"] == json{{"version", "0.1.0"}, {"commit", "0123abc"}});
  CHECK(r["machine"]["cores"] == 2);
  CHECK(r["sandbox"]["layers"] == json{"user namespace", "seccomp"});
  CHECK(r["summary"] == json{{"points", 9.5},
                             {"max_points", 20},
                             {"passed", 1},
                             {"not_passed", 1},
                             {"not_attempted", 0},
                             {"grader_faults", 1}});
  const json& adam = r["exercises"][0];
  CHECK(adam["status"] == "passed");
  CHECK(adam["performance"]["interval"] == json{1.25, 1.4});
  CHECK(adam["performance"]["verdict"] == "within");
  CHECK(adam["diagnostics"].is_null());
  CHECK(adam["fault"].is_null());
  const json& wrong = r["exercises"][1];
  CHECK(wrong["performance"].is_null());
  CHECK(wrong["build_s"] == 0.81);
  CHECK(wrong["tests"][3]["status"] == "wrong_answer");
  CHECK(wrong["tests"][3]["visibility"] == "hidden");
  CHECK(wrong["tests"][3]["replay"] == "7f3a-91c2");
  CHECK(wrong["misconceptions"][0]["id"] == "no-variance-path");
  CHECK(wrong["misconceptions"][0]["explanation"] ==
        "x moves σ² as well as μ: the term −x̂·Σ(dy·x̂)/m is missing.");
  CHECK(r["exercises"][2]["fault"] == "the oracle could not be built");
}

TEST_CASE("an independent validator accepts the report, alone and in an array") {
  check_valid(to_json(report_of({right_adam(), wrong_batchnorm()})));
  check_valid(to_json(std::vector<Report>{report_of({right_adam()}), report_of({})}));
}

TEST_CASE("the independent validator refuses what is no report") {
  const std::string good = to_json(report_of({right_adam()}));
  if (judged(good) == 77) return;
  const auto refuses = [&](const char* pointer, const json& value) {
    json report = json::parse(good);
    report[json::json_pointer(pointer)] = value;
    INFO(pointer);
    CHECK(judged(report.dump()) == 1);
  };
  refuses("/extra", 1);
  refuses("/summary/passed", 2);
  refuses("/exercises/0/status", "great");
  refuses("/exercises/0/fault", "none of ours");
}

TEST_CASE("a hostile submission cannot make the report invalid") {
  const std::string text = to_json(report_of({hostile()}));
  CHECK(text.size() < 200000);
  check_valid(text);
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n';
    if (control || c == 0x7f) FAIL("a control character in the JSON text");
  }
  const json e = json::parse(text)["exercises"][0];
  CHECK(e["points"] == 0);
  CHECK(e["duration_s"] == 0);
  CHECK(e["performance"]["ratio_to_reference"].is_null());
  CHECK(e["performance"]["interval"] == json{nullptr, 0});
  CHECK(e["tests"][0]["visibility"] == "public");
  const std::string message = e["tests"][0]["message"];
  CHECK(message.find("]]> <b>&\"") != std::string::npos);
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.find("\xe2\x80\xae") == std::string::npos);
  CHECK(message.find("\n\t") != std::string::npos);
}

TEST_CASE("the JSON text is stable, its keys in the documented order") {
  const std::string text = to_json(report_of({}), -1);
  CHECK(text ==
        R"({"schema":"kata.report/1","submission":{"name":"anna","path":"class/anna","sha256":")" +
            std::string(64, 'a') +
            R"("},"grader":{"version":"0.1.0","commit":"0123abc"},"machine":{"cpu":"a processor",)"
            R"("cores":2,"os":"Debian 12","compiler":"clang 14.0.6"},"sandbox":{"layers":)"
            R"(["user namespace","seccomp"]},"seed":"5eed","started_at":"2024-05-01T12:00:00Z",)"
            R"("duration_s":1.5,"summary":{"points":0.0,"max_points":0.0,"passed":0,)"
            R"("not_passed":0,"not_attempted":0,"grader_faults":0},"exercises":[]})");
}

}  // namespace
}  // namespace kata::report
