// Reads the project's own JSON files strictly: bounded size and depth, no key twice, and a sentence
// with file, place and reason for everything that is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kata::catalog {

constexpr std::size_t kMaxJsonBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxJsonDepth = 32;

/// Parses `text`; `file` is what messages call it. Throws ManifestError. The library's parser keeps
/// its own stack, but its values are destroyed recursively: depth is refused before they exist.
nlohmann::json parse_json(std::string_view text, const std::string& file);

/// A string from a file, safe inside a message: quoted, clipped, control characters replaced.
std::string in_quotes(std::string_view text);

/// One value of a JSON file together with its place, so that each complaint can name it.
class Node {
 public:
  Node(const nlohmann::json& value, std::string file, std::string pointer = "")
      : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {}

  const nlohmann::json& value() const { return *value_; }

  /// "<file>, <pointer>: <what>" as a ManifestError.
  [[noreturn]] void fail(const std::string& what) const;
  /// As fail(): "is a string, must be <must>".
  [[noreturn]] void wrong_type(const std::string& must) const;

  /// This must be an object with all `required` keys and, beyond them, only `optional` ones.
  void check_keys(std::initializer_list<std::string_view> required,
                  std::initializer_list<std::string_view> optional = {}) const;
  Node at(std::string_view key) const;                        // of an object that has it
  bool has(std::string_view key) const;                       // of an object
  std::vector<Node> elements(const std::string& must) const;  // of an array
  /// Keys and values of an object.
  std::vector<std::pair<std::string, Node>> members(const std::string& must) const;

  /// A whole number; `range` says what low..high means, as in "1 to 4".
  int integer(const std::string& must, int low, int high, const std::string& range) const;
  double number(const std::string& must, double low, double high, const std::string& range) const;
  /// A string of 1 to `max_bytes` bytes without control characters.
  std::string line(const std::string& must, std::size_t max_bytes) const;

 private:
  Node child(const nlohmann::json& value, std::string_view token) const;

  const nlohmann::json* value_;
  std::string file_, pointer_;
};

}  // namespace kata::catalog
