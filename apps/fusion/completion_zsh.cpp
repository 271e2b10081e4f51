#include "fusion/completion_script.h"

#include <sstream>
#include <string_view>

#include "foundation/core/text.h"

namespace fusion::app {

namespace {

using Kind = CompletedValue::Kind;

/// For the descriptions of zsh's _arguments, where these signs have a meaning.
std::string zsh_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("[]:\\").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_path_action(const char* function, const std::vector<std::string>& names) {
  if (names.empty()) return function;
  return cat("{_alternative \"names:name:(", join(names, " "), ")\" \"paths:path:", function, "\"}");
}

std::string zsh_action(const CompletedValue& value) {
  switch (value.kind) {
    case Kind::kFile:
      return zsh_path_action("_files", value.one_of);
    case Kind::kFolder:
      return zsh_path_action("_files -/", value.one_of);
    case Kind::kOneOf:
      return cat("(", join(value.one_of, " "), ")");
    case Kind::kNothing:
    case Kind::kAnything:
      break;
  }
  return " ";
}

}  // namespace

std::string zsh_completion(const std::vector<CompletedCommand>& commands) {
  std::ostringstream names;
  std::ostringstream cases;
  std::ostringstream program;
  for (const CompletedCommand& command : commands) {
    std::ostringstream& out = command.name.empty() ? program : cases;
    if (!command.name.empty()) {
      names << "    " << shell_quoted(cat(command.name, ":", zsh_escaped(command.help))) << "\n";
      out << "        " << command.name << ")\n          _arguments -s";
    }
    for (const CompletedFlag& flag : command.flags) {
      for (const std::string& name : flag.names) {
        const bool takes_value = flag.value.kind != Kind::kNothing;
        const bool joined = takes_value && name.starts_with("--");
        const std::string others = flag.repeatable ? "*" : cat("(", join(flag.names, " "), ")");
        std::string spec = cat(others, name, joined ? "=" : "", "[", zsh_escaped(flag.help), "]");
        if (takes_value) spec += cat(":value:", zsh_action(flag.value));
        out << " \\\n            " << shell_quoted(spec);
      }
    }
    for (const CompletedPlace& place : command.places) {
      const std::string spec =
          cat(place.repeatable ? "*:" : ":", zsh_escaped(place.name), ":", zsh_action(place.value));
      out << " \\\n            " << shell_quoted(spec);
    }
    if (!command.name.empty()) out << "\n          ;;\n";
  }
  return cat(R"sh(#compdef fusion
# zsh completion of fusion. Load it with: source <(fusion completion zsh)
_fusion() {
  local context state line
  typeset -A opt_args
  local -a commands=(
)sh",
             names.str(), R"sh(  )
  _arguments -C)sh",
             program.str(), R"sh( \
            '1:command:->command' \
            '*::argument:->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $line[1] in
)sh",
             cases.str(), R"sh(      esac
      ;;
  esac
}
if [[ ${funcstack[1]} == _fusion ]]; then
  _fusion "$@"
else
  compdef _fusion fusion
fi
)sh");
}

}  // namespace fusion::app
