// See words.hpp.
#include "report/words.hpp"

namespace kata::report {

namespace {

constexpr Words kEnglish = {
    .level = "level {}",
    .minutes = "{} min",
    .is_public = "public",
    .is_hidden = "hidden",
    .not_run = "{} more not run",
    .partly = "{} ({} of {} right)",
    .misconception = "misconception: {}",
    .one_of = "Your answer behaves like each of these; the tests cannot tell them apart.",
    .failed = "failed test",
    .difference = "first difference",
    .message = "what happened",
    .where = "where",
    .printed = "it printed",
    .speed = "speed",
    .again = "again, exactly",
    .next = "next",
    .points = "{} of {} points",
    .times = "built in {} s, tested in {} s",
    .speed_verdict = {"fast", "within reach", "slow", "cannot tell"},
    .speed_unknown = "not measured",
    .against = "{} times the reference's time ({} to {})",
    .speedup = "{} times as fast as the whiteboard answer",
    .limit = "{} % of the machine's limit",
    .passed = "{} passed",
    .not_passed = "{} not passed",
    .not_attempted = "{} not attempted",
    .faults = "{} with a grader fault",
    .colon = ": ",
    .comma = ", ",
    .stop = ".",
    .open = "(",
    .close = ")",
};

constexpr Words kChinese = {
    .level = "难度 {}",
    .minutes = "{} 分钟",
    .is_public = "公开",
    .is_hidden = "隐藏",
    .not_run = "另有 {} 项未运行",
    .partly = "{}（{}/{} 正确）",
    .misconception = "误区：{}",
    .one_of = "你的答案与下面每一种都相符，测试无法进一步区分。",
    .failed = "未过测试",
    .difference = "首个差异",
    .message = "发生了什么",
    .where = "位置",
    .printed = "程序输出",
    .speed = "速度",
    .again = "原样重现",
    .next = "下一步",
    .points = "{} / {} 分",
    .times = "构建 {} 秒，测试 {} 秒",
    .speed_verdict = {"快", "达标", "慢", "无法判断"},
    .speed_unknown = "未测量",
    .against = "用时是参考答案的 {} 倍（{} 至 {}）",
    .speedup = "速度是白板答案的 {} 倍",
    .limit = "达到机器极限的 {} %",
    .passed = "{} 题通过",
    .not_passed = "{} 题未通过",
    .not_attempted = "{} 题未作答",
    .faults = "{} 题评测故障",
    .colon = "：",
    .comma = "，",
    .stop = "。",
    .open = "（",
    .close = "）",
};

struct Phrase {
  const char *en, *zh;
  const char* in(const std::string& lang) const { return lang == "zh" ? zh : en; }
};

Phrase word(Status status) {
  switch (status) {
    case Status::passed:
      return {"passed", "通过"};
    case Status::wrong_answer:
      return {"wrong answer", "答案错误"};
    case Status::compile_error:
      return {"does not compile", "编译失败"};
    case Status::crashed:
      return {"crashed", "崩溃"};
    case Status::timed_out:
      return {"timed out", "超时"};
    case Status::out_of_memory:
      return {"out of memory", "内存超限"};
    case Status::output_limit:
      return {"printed too much", "输出超限"};
    case Status::forbidden_call:
      return {"forbidden call", "使用了禁用项"};
    case Status::broken_reply:
      return {"broken reply", "应答无效"};
    case Status::not_attempted:
      return {"not attempted", "未作答"};
    case Status::not_run:
      return {"not run", "未运行"};
    case Status::public_only:
      return {"public tests only", "仅公开测试"};
    case Status::grader_fault:
      return {"grader fault", "评测故障"};
  }
  return {"", ""};
}

Phrase sentence(Status status) {
  switch (status) {
    case Status::passed:
      return {"All tests pass.", "全部测试通过。"};
    case Status::wrong_answer:
      return {"", ""};  // the difference says it
    case Status::compile_error:
      return {"It does not compile.", "代码无法编译。"};
    case Status::crashed:
      return {"It crashed.", "程序崩溃了。"};
    case Status::timed_out:
      return {"It ran longer than this exercise allows.", "运行时间超过了本题的限制。"};
    case Status::out_of_memory:
      return {"It asked for more memory than this exercise allows.",
              "占用的内存超过了本题的限制。"};
    case Status::output_limit:
      return {"It printed more than is read.", "输出的内容超过了上限。"};
    case Status::forbidden_call:
      return {"It uses something that this exercise forbids.", "使用了本题禁用的内容。"};
    case Status::broken_reply:
      return {"What came back from it was no answer.", "返回的内容不是有效的答案。"};
    case Status::not_attempted:
      return {"Not attempted: the stub is as it was.", "尚未作答：模板还没有改动。"};
    case Status::not_run:
      return {"Not run: the time for grading was over before.", "未运行：评测时间已用完。"};
    case Status::public_only:
      return {"All public tests pass. Without hidden tests this is not called passed.",
              "公开测试全部通过。没有隐藏测试，因此不算通过。"};
    case Status::grader_fault:
      return {"The grader could not do its work. The fault is not yours and lowers no score.",
              "评测程序自身出了问题。这不是你的错，也不会降低已有的分数。"};
  }
  return {"", ""};
}

}  // namespace

const Words& words(const std::string& lang) {
  return lang == "zh" ? kChinese : kEnglish;
}

const char* status_word(Status status, const std::string& lang) {
  return word(status).in(lang);
}

const char* status_sentence(Status status, const std::string& lang) {
  return sentence(status).in(lang);
}

}  // namespace kata::report
