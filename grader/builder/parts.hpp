// The parts of a worker that are ours: the runner (binding and runtime), the bundle of what is
// given, and the kernels. Each is built once, in the same way and with the same flags as an answer,
// and kept.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "builder/compile.hpp"
#include "builder/includes.hpp"
#include "catalog/catalog.hpp"

namespace kata::builder {

/// Binding and runtime as one object that shows main() and nothing else (with mistakes also
/// kata::mistake), and the symbols that it asks of an answer.
struct Runner {
  std::filesystem::path object;
  std::vector<std::string> entry_points;
};

class Parts {
 public:
  Parts(Roots roots, std::filesystem::path cache)
      : roots_(std::move(roots)), cache_(std::move(cache)) {}

  /// All of these throw Fault, and keep what they make in the cache.
  Runner runner(const Setting& setting, const catalog::Exercise& exercise,
                const std::vector<const catalog::Exercise*>& given, bool mistakes) const;
  std::vector<std::filesystem::path> kernels(const Setting& setting) const;
  /// The references of `given` in one object that shows their functions. Empty when nothing is
  /// given.
  std::filesystem::path bundle(const Setting& setting,
                               const std::vector<const catalog::Exercise*>& given) const;

 private:
  std::filesystem::path object(const Setting& setting, const Unit& unit) const;
  std::filesystem::path joined(const Setting& setting,
                               const std::vector<std::filesystem::path>& objects,
                               const std::vector<std::string>& shown,
                               const std::string& kind) const;
  Unit unit(const Setting& setting, const std::string& name, std::string text,
            const Tree& includes) const;

  Roots roots_;
  std::filesystem::path cache_;
};

}  // namespace kata::builder
