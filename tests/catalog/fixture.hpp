// A folder of one's own for a test, and a manifest to break.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace kata::catalog::testing {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder() {
    std::string name = (fs::temp_directory_path() / "kata_test_XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder can be made");
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& below) const { return path_ / below; }

  void write(const std::string& below, const std::string& text) const {
    fs::create_directories((path_ / below).parent_path());
    std::ofstream(path_ / below, std::ios::binary) << text;
  }

 private:
  fs::path path_;
};

inline nlohmann::json good_manifest() {
  return nlohmann::json::parse(R"({
    "title": "BatchNorm backward in closed form", "title_zh": "批归一化反向传播（闭式）",
    "order": 50, "level": 3, "minutes": 30, "paths": {"two_weeks": 15},
    "points": {"correctness": 8, "speed": 2},
    "source": {"section": "Batch Normalization", "questions": ["bn-backward"], "errata": [69, 70]},
    "functions": ["batchnorm_backward"], "given": [], "prerequisites": [],
    "forbidden": ["Eigen/SVD"], "free_groups": ["contract"],
    "hints": [{"en": "Draw the graph.", "zh": "画计算图。"}, {"en": "Two paths.", "zh": "两条路径。"}],
    "limits": {"seconds": 2.5, "megabytes": 256},
    "speed": {"cases": [{"n": 256, "features": 1024}, {"n": 4096, "features": 64}],
              "full_marks": "alternative_eigen"}})");
}

inline const char* kStub = "#include <x.hpp>\n\nvoid f() {}\n";

/// An exercise with a stub in `root`, and its topic.
inline void add_exercise(const TempFolder& root, const std::string& topic, const std::string& name,
                         const nlohmann::json& manifest = good_manifest()) {
  root.write("exercises/" + topic + "/topic.json",
             R"({"title": "T", "title_zh": "题", "order": 10})");
  root.write("exercises/" + topic + "/" + name + "/exercise.json", manifest.dump());
  root.write("exercises/" + topic + "/" + name + "/" + name + ".cpp", kStub);
}

/// What `call` throws as text, or "nothing".
template <class Error, class Call>
std::string thrown(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace kata::catalog::testing
