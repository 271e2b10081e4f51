#include "fusion/completion_script.h"

#include <sstream>
#include <string_view>

#include "foundation/core/text.h"

namespace fusion::app {

namespace {

using Kind = CompletedValue::Kind;

std::string fish_quoted(std::string_view text) {
  return shell_quoted(text, "\\'");
}

/// The part of a fish line that says what may follow.
std::string fish_action(const CompletedValue& value) {
  switch (value.kind) {
    case Kind::kFile:
      return value.one_of.empty() ? " -F" : cat(" -F -a ", fish_quoted(join(value.one_of, " ")));
    case Kind::kFolder:
      return cat(" -f -a ", fish_quoted(join(value.one_of, " ") + " (__fish_complete_directories)"));
    case Kind::kOneOf:
      return cat(" -f -a ", fish_quoted(join(value.one_of, " ")));
    case Kind::kNothing:
    case Kind::kAnything:
      break;
  }
  return " -f";
}

}  // namespace

std::string fish_completion(const std::vector<CompletedCommand>& commands) {
  std::ostringstream out;
  out << "# fish completion of fusion. Load it with: fusion completion fish | source\ncomplete -c fusion -f\n";
  for (const CompletedCommand& command : commands) {
    const std::string here =
        command.name.empty() ? "__fish_use_subcommand" : fish_quoted(cat("__fish_seen_subcommand_from ", command.name));
    if (!command.name.empty()) {
      out << "complete -c fusion -n __fish_use_subcommand -a " << command.name << " -d " << fish_quoted(command.help)
          << "\n";
    }
    for (const CompletedFlag& flag : command.flags) {
      out << "complete -c fusion -n " << here;
      for (const std::string& name : flag.names) {
        out << (name.starts_with("--") ? " -l " : " -s ") << name.substr(name.find_first_not_of('-'));
      }
      if (flag.value.kind != Kind::kNothing) out << " -r" << fish_action(flag.value);
      out << " -d " << fish_quoted(flag.help) << "\n";
    }
    for (const CompletedPlace& place : command.places) {
      if (place.value.kind == Kind::kAnything) continue;
      out << "complete -c fusion -n " << here << fish_action(place.value) << "\n";
    }
  }
  return out.str();
}

}  // namespace fusion::app
