// kata dev: for those who write exercises.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "classroom/author_check.hpp"
#include "classroom/grade.hpp"
#include "classroom/mutants.hpp"
#include "classroom/new_exercise.hpp"
#include "cli/command.hpp"

namespace kata::cli {

namespace {

using Json = nlohmann::ordered_json;

std::vector<const catalog::Exercise*> chosen(Context& context,
                                             const std::vector<std::string>& ids) {
  std::vector<const catalog::Exercise*> which;
  for (const std::string& id : ids) which.push_back(&context.exercise(id));
  if (ids.empty())
    for (const catalog::Exercise& e : context.engine().catalog().exercises()) which.push_back(&e);
  return which;
}

// ---------------------------------------------------------------------------------------------
// mutants

void print_table(const classroom::KillTable& table) {
  std::cout << table.exercise << ": " << table.mutants.size() << " mutants, "
            << table.hidden_tests.size() << " hidden tests\n";
  if (!table.fault.empty()) std::cout << "  could not be made: " << table.fault << '\n';
  for (const classroom::Mutant& m : table.mutants) {
    const std::size_t kills = m.killed_by.size();
    std::cout << fmt::format("  {:<34} {}\n", m.id,
                             kills == 0   ? std::string("SURVIVES")
                             : kills == 1 ? "killed by one test alone: " + m.killed_by[0]
                                          : fmt::format("killed by {} tests", kills));
  }
}

Json summary(const std::vector<classroom::KillTable>& tables) {
  std::size_t mutants = 0;
  std::size_t killed = 0;
  std::size_t twice = 0;
  Json survivors = Json::array();
  Json all = Json::array();
  for (const classroom::KillTable& t : tables) {
    Json rows = Json::array();
    for (const classroom::Mutant& m : t.mutants) {
      ++mutants;
      if (m.killed_by.empty())
        survivors.push_back(t.exercise + ":" + m.id);
      else
        ++killed;
      if (m.killed_by.size() >= 2) ++twice;
      rows.push_back({{"id", m.id},
                      {"en", m.en},
                      {"zh", m.zh},
                      {"origin", m.origin},
                      {"killed_by", m.killed_by}});
    }
    all.push_back({{"id", t.exercise},
                   {"hidden_tests", t.hidden_tests},
                   {"mutants", rows},
                   {"fault", t.fault}});
  }
  return Json{{"exercises", tables.size()},
              {"mutants", mutants},
              {"killed", killed},
              {"killed_by_two", twice},
              {"survivors", survivors},
              {"equivalent", Json::array()},
              {"tables", all}};
}

void mutants(Context& context, const std::vector<std::string>& ids, bool json) {
  std::vector<classroom::KillTable> tables;
  for (const catalog::Exercise* e : chosen(context, ids)) {
    tables.push_back(classroom::kill_table(context.engine(), *e, classroom::fresh_secret()));
    if (!json) print_table(tables.back());
    if (!tables.back().fault.empty()) context.exit_status = kFault;
    if (context.exit_status == kPassed &&
        (!tables.back().survivors().empty() || !tables.back().killed_once().empty()))
      context.exit_status = kNotPassed;
  }
  if (json) std::cout << summary(tables).dump(2) << '\n';
}

// ---------------------------------------------------------------------------------------------
// check and new

void check(Context& context, const std::vector<std::string>& ids, bool json) {
  Json all = Json::array();
  for (const catalog::Exercise* e : chosen(context, ids)) {
    const std::vector<std::string> complaints = classroom::check_exercise(context.engine(), *e);
    all.push_back({{"id", e->id}, {"complaints", complaints}});
    if (!complaints.empty()) context.exit_status = kNotPassed;
    if (json) continue;
    std::cout << e->id << (complaints.empty() ? ": clean\n" : ":\n");
    for (const std::string& complaint : complaints) std::cout << "  - " << complaint << '\n';
  }
  if (json) std::cout << all.dump(2) << '\n';
}

void make(Context& context, const std::string& id) {
  for (const std::filesystem::path& file : classroom::new_exercise(context.engine(), id))
    std::cout << "made " << file.string() << '\n';
  std::cout << "Fill them in, then run kata dev check " << id << '\n';
}

}  // namespace

void add_dev(CLI::App& app, Context& context) {
  CLI::App* dev = app.add_subcommand("dev", "For authors of exercises: new, check, mutants");
  dev->require_subcommand(1);
  struct Options {
    std::vector<std::string> ids;
    std::string id;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();

  CLI::App* mutants_command =
      dev->add_subcommand("mutants", "Run every hidden test against every mutant: which survive?");
  mutants_command->add_option("exercise", options->ids, "These exercises (default: all)");
  add_json(*mutants_command, options->json);
  mutants_command->callback([&context, options] { mutants(context, options->ids, options->json); });

  CLI::App* check_command = dev->add_subcommand(
      "check", "Prove that an exercise is whole: stub, answers, mutants, texts");
  check_command->add_option("exercise", options->ids, "These exercises (default: all)");
  add_json(*check_command, options->json);
  check_command->callback([&context, options] { check(context, options->ids, options->json); });

  CLI::App* new_command = dev->add_subcommand("new", "Make the two folders of a new exercise");
  new_command->add_option("id", options->id, "topic/name, in lower case")->required();
  new_command->callback([&context, options] { make(context, options->id); });
}

}  // namespace kata::cli
