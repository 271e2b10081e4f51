#include "fusion/completion_script.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fusion::app {

namespace {

using Kind = CompletedValue::Kind;

CompletedValue value_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() == 0) return {};
  if (type.starts_with("FILE")) return {.kind = Kind::kFile};
  CompletedValue value{.kind = type.starts_with("FOLDER") ? Kind::kFolder : Kind::kAnything};
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return value;
  if (value.kind == Kind::kAnything) value.kind = Kind::kOneOf;
  value.one_of = CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
  return value;
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

void add_inner_commands(const CLI::App& app, CompletedCommand& command);

CompletedCommand completed(const CLI::App& app, const std::string& name) {
  CompletedCommand command{.name = name, .help = app.get_description(), .flags = {}, .places = {}};
  for (const CLI::Option* option : app.get_options()) {
    const bool repeatable = option->get_items_expected_max() > 1;
    if (const std::vector<std::string> names = names_of(*option); !names.empty()) {
      command.flags.push_back({names, option->get_description(), value_of(*option), repeatable});
    } else {
      command.places.push_back({option->get_name(/*positional=*/true), value_of(*option), repeatable});
    }
  }
  if (!name.empty()) add_inner_commands(app, command);
  return command;
}

/// Commands of a command, as in `fusion data check`, are words in its first place, beside what it takes there itself;
/// their flags are taken for its own.
void add_inner_commands(const CLI::App& app, CompletedCommand& command) {
  std::vector<std::string> names;
  std::vector<CompletedPlace> behind;
  for (const CLI::App* inner : app.get_subcommands({})) {
    names.push_back(inner->get_name());
    CompletedCommand below = completed(*inner, inner->get_name());
    for (CompletedFlag& flag : below.flags) {
      const auto known = std::ranges::find(command.flags, flag.names, &CompletedFlag::names);
      if (known == command.flags.end()) command.flags.push_back(std::move(flag));
    }
    if (behind.empty()) behind = std::move(below.places);
  }
  if (names.empty()) return;
  if (command.places.empty()) command.places.push_back({.name = "COMMAND", .value = {.kind = Kind::kOneOf}});
  auto& first = command.places.front().value.one_of;
  first.insert(first.end(), names.begin(), names.end());
  if (command.places.size() == 1) std::ranges::move(behind, std::back_inserter(command.places));
}

}  // namespace

std::vector<CompletedCommand> completed_commands(const CLI::App& app) {
  std::vector<CompletedCommand> commands{completed(app, "")};
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(completed(*command, command->get_name()));
  return commands;
}

std::string shell_quoted(std::string_view text, std::string_view quote) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += quote;
    } else {
      result += c;
    }
  }
  return result + "'";
}

}  // namespace fusion::app
