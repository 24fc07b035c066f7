// Text from elsewhere: made safe, measured, cut and wrapped.
#include "report/text.hpp"

#include "check.hpp"

namespace kata::report {
namespace {

const std::string kLost = "\xef\xbf\xbd";  // U+FFFD

std::string safe(const std::string& text) {
  return safe_text(text, 10000);
}

TEST_CASE("text that is safe stays as it is") {
  for (const std::string text : {"", "plain", "a\n\tb", "批归一化 x̂·Σ √ 😀", "]]> <&>\""})
    CHECK(safe(text) == text);
}

TEST_CASE("what is not UTF-8 is replaced") {
  CHECK(safe("a\xff"
             "b") == "a" + kLost + "b");
  CHECK(safe("\xe6\x89") == kLost);                               // cut short
  CHECK(safe("\xe6\x89z") == kLost + "z");                        // cut short, then a letter
  CHECK(safe("\xc0\xaf").find('/') == std::string::npos);         // an overlong slash
  CHECK(safe("\xe0\x80\xaf").find('/') == std::string::npos);     // another
  CHECK(safe("\xed\xa0\x80").find("\xed") == std::string::npos);  // a surrogate
  CHECK(safe("\xf4\x90\x80\x80").find("\xf4") == std::string::npos);
  CHECK(safe("\x80") == kLost);
}

TEST_CASE("control characters are replaced, CRLF becomes LF") {
  CHECK(safe("\x1b[31mred") == kLost + "[31mred");
  CHECK(safe(std::string("a\0b", 3)) == "a" + kLost + "b");
  CHECK(safe("a\r\nb\rc") == "a\nb" + kLost + "c");
  CHECK(safe("\x7f") == kLost);
  CHECK(safe("\xc2\x9b"
             "31m") == kLost + "31m");  // a control sequence in one character
  CHECK(safe("\xe2\x80\xae"
             "evil") == kLost + "evil");  // right to left from here
}

TEST_CASE("any two bytes give valid text") {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string once = safe({static_cast<char>(a), static_cast<char>(b)});
      if (safe(once) != once) FAIL("not stable: " << a << " " << b);
    }
}

TEST_CASE("long text is cut between characters and says so") {
  CHECK(safe_text("abcdef", 6) == "abcdef");
  CHECK(safe_text("abcdefgh", 6) == "abcdef... 2 more bytes");
  CHECK(safe_text("批归一", 7) == "批归... 3 more bytes");
  CHECK(safe_text(std::string(100000000, 'x'), 3) == "xxx... 99999997 more bytes");
}

TEST_CASE("the width counts columns, not bytes") {
  CHECK(display_width("") == 0);
  CHECK(display_width("adam") == 4);
  CHECK(display_width("批归一化（闭式）") == 16);
  CHECK(display_width("σ² ✓ – ·") == 8);
  CHECK(display_width("x\xcc\x82") == 1);  // a hat over x
  CHECK(display_width("한글 かな") == 9);
  CHECK(display_width("😀") == 2);
}

TEST_CASE("text is cut to columns") {
  CHECK(cut_to("adam", 4, "…") == "adam");
  CHECK(cut_to("adamw", 4, "…") == "ada…");
  CHECK(cut_to("批归一化", 6, "…") == "批归…");
  CHECK(cut_to("批归一化", 7, "...") == "批归...");
}

TEST_CASE("text is wrapped at spaces and after wide characters") {
  using Lines = std::vector<std::string>;
  CHECK(wrap("", 10) == Lines{""});
  CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap("one two three", 8) == Lines{"one two", "three"});
  CHECK(wrap("one\n\ntwo", 10) == Lines{"one", "", "two"});
  CHECK(wrap("abcdefgh", 3) == Lines{"abc", "def", "gh"});
  CHECK(wrap("批归一化", 5) == Lines{"批归", "一化"});
  CHECK(wrap("a  b", 3) == Lines{"a", "b"});
  for (const std::string& line : wrap("批 归一x̂化 of the batch，and more words than fit", 9))
    CHECK(display_width(line) <= 9);
}

TEST_CASE("without UTF-8, signs are spelled out") {
  CHECK(to_ascii("−x̂·Σ ≤ σ²") == "-x_hat.sum <= sigma^2");
  CHECK(to_ascii("批 ok") == "? ok");
}

}  // namespace
}  // namespace kata::report
