// See json_reader.hpp.
#include "catalog/json_reader.hpp"

#include <algorithm>
#include <sstream>

#include "catalog/catalog.hpp"
#include "catalog/nearest.hpp"

namespace kata::catalog {

namespace {

using Json = nlohmann::json;

/// Clipped, without control characters.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 80));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  return out.size() < text.size() ? out + "..." : out;
}

/// A key as a part of a JSON pointer (RFC 6901).
std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : printable(key)) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

std::string placed(const std::string& file, const std::string& pointer, const std::string& what) {
  return pointer.empty() ? file + ": " + what : file + ", " + pointer + ": " + what;
}

/// Builds the value as the parser reports its parts, and stops at the first that we do not take.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool b) override { return add(b); }
  bool number_integer(number_integer_t n) override { return add(n); }
  bool number_unsigned(number_unsigned_t n) override { return add(n); }
  bool number_float(number_float_t n, const string_t&) override { return add(n); }
  bool string(string_t& s) override { return add(std::move(s)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back().value->contains(name)) {
      problem = placed(file_, pointer(), "has the key " + in_quotes(name) + " twice");
      return false;
    }
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    std::string why = error.what();  // [json.exception.<id>] parse error at line 1, column 2: ...
    const auto bracket = why.find("] ");
    if (bracket != std::string::npos) why.erase(0, bracket + 2);
    if (why.rfind("parse error at ", 0) == 0) why.erase(0, 15);
    for (char& c : why)  // it quotes the file
      if (c < ' ' || c > '~') c = '?';
    problem = file_ + ": is not valid JSON: " + why.substr(0, 300);
    return false;
  }

  Json root;
  std::string problem;

 private:
  struct Open {
    Json* value;
    std::string key;  // of an object: the key that waits for its value
  };

  Json* place(Json value) {
    if (open_.empty()) return &(root = std::move(value));
    Json& parent = *open_.back().value;
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[open_.back().key] = std::move(value));
  }

  bool add(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json empty) {
    if (open_.size() == kMaxJsonDepth) {
      problem = file_ + ": is nested deeper than " + std::to_string(kMaxJsonDepth) + " levels";
      return false;
    }
    Json* const value = place(std::move(empty));
    open_.push_back({value, ""});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string pointer() const {
    std::string out;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      const Json& value = *open_[i].value;
      out += "/" + (value.is_array() ? std::to_string(value.size() - 1) : escaped(open_[i].key));
    }
    return out;
  }

  std::string file_;
  std::vector<Open> open_;
};

std::string kind(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "true or false";
  if (value.is_string()) return "a string";
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  return "the number " + value.dump();
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return "\"" + printable(text) + "\"";
}

nlohmann::json parse_json(std::string_view text, const std::string& file) {
  if (text.size() > kMaxJsonBytes)
    throw ManifestError(file + ": is larger than " + std::to_string(kMaxJsonBytes >> 10) + " KiB");
  Builder builder(file);
  if (!Json::sax_parse(text, &builder))
    throw ManifestError(builder.problem.empty() ? file + ": is not valid JSON" : builder.problem);
  return std::move(builder.root);
}

void Node::fail(const std::string& what) const {
  throw ManifestError(placed(file_, pointer_, what));
}

void Node::wrong_type(const std::string& must) const {
  fail("is " + kind(*value_) + ", must be " + must);
}

Node Node::child(const Json& value, std::string_view token) const {
  return Node(value, file_, pointer_ + "/" + escaped(token));
}

void Node::check_keys(std::initializer_list<std::string_view> required,
                      std::initializer_list<std::string_view> optional) const {
  if (!value_->is_object()) wrong_type("an object");
  std::vector<std::string> known(required.begin(), required.end());
  known.insert(known.end(), optional.begin(), optional.end());
  for (const auto& [key, value] : value_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::vector<std::string> near = nearest_words(key, known, 1);
    child(value, key)
        .fail("is not a known key" +
              (near.empty() ? "" : "; the nearest is " + in_quotes(near[0])));
  }
  for (const std::string_view key : required)
    if (!has(key)) fail("lacks the key " + in_quotes(key));
}

Node Node::at(std::string_view key) const {
  return child(value_->at(std::string(key)), key);
}

bool Node::has(std::string_view key) const {
  return value_->contains(std::string(key));
}

std::vector<Node> Node::elements(const std::string& must) const {
  if (!value_->is_array()) wrong_type(must);
  std::vector<Node> out;
  for (std::size_t i = 0; i < value_->size(); ++i)
    out.push_back(child((*value_)[i], std::to_string(i)));
  return out;
}

std::vector<std::pair<std::string, Node>> Node::members(const std::string& must) const {
  if (!value_->is_object()) wrong_type(must);
  std::vector<std::pair<std::string, Node>> out;
  for (const auto& item : value_->items())
    out.emplace_back(item.key(), child(item.value(), item.key()));
  return out;
}

int Node::integer(const std::string& must, int low, int high, const std::string& range) const {
  if (!value_->is_number_integer()) wrong_type(must);
  const bool fits = value_->is_number_unsigned()
                        ? value_->get<std::uint64_t>() <= std::uint64_t{0x7fffffff}
                        : value_->get<std::int64_t>() >= -std::int64_t{0x7fffffff};
  const int n = fits ? value_->get<int>() : 0;
  if (!fits || n < low || n > high) wrong_type(must + ", " + range);
  return n;
}

double Node::number(const std::string& must, double low, double high,
                    const std::string& range) const {
  if (!value_->is_number()) wrong_type(must);
  const double x = value_->get<double>();
  if (!(x >= low && x <= high)) wrong_type(must + ", " + range);
  return x;
}

std::string Node::line(const std::string& must, std::size_t max_bytes) const {
  if (!value_->is_string()) wrong_type(must);
  const std::string& text = value_->get_ref<const std::string&>();
  if (text.find_first_not_of(" \t") == std::string::npos) fail("is empty, must be " + must);
  if (text.size() > max_bytes) fail("is longer than " + std::to_string(max_bytes) + " bytes");
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      fail("holds a control character, must be " + must);
  return text;
}

}  // namespace kata::catalog
