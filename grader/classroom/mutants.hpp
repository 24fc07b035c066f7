// The kill table: every hidden test against every mutant of an exercise.
#pragma once

#include <string>
#include <vector>

#include "classroom/engine.hpp"

namespace kata::classroom {

struct Mutant {
  std::string id, en, zh, origin;
  std::vector<std::string> killed_by;  // names of the hidden tests that it fails
  double seconds = 0;                  // for all tests
};

struct KillTable {
  std::string exercise;
  std::vector<std::string> hidden_tests;
  std::vector<Mutant> mutants;
  std::string fault;  // what kept us from making it; then the rest is empty

  std::vector<const Mutant*> survivors() const;
  /// Killed, but by one test alone.
  std::vector<const Mutant*> killed_once() const;
};

KillTable kill_table(Engine& engine, const catalog::Exercise& exercise, std::uint64_t secret);

}  // namespace kata::classroom
