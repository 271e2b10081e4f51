#include "fusion/completion_script.h"

#include <sstream>
#include <string_view>

#include "foundation/core/text.h"

namespace fusion::app {

namespace {

using Kind = CompletedValue::Kind;

CompletedValue value_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() == 0) return {};
  if (type == "FILE") return {.kind = Kind::kFile};
  if (type == "FOLDER") return {.kind = Kind::kFolder};
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {.kind = Kind::kAnything};
  return {.kind = Kind::kOneOf, .one_of = CLI::detail::split(type.substr(open + 1, close - open - 1), ',')};
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

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
  return command;
}

/// `text` between single quotes, where `escape` stands for a quote in it.
std::string quoted(std::string_view text, std::string_view escape) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += escape;
    } else {
      result += c;
    }
  }
  return result + "'";
}

/// In sh and zsh the quotes end before a quote and begin again after it.
std::string shell_quoted(std::string_view text) {
  return quoted(text, "'\\''");
}

std::string fish_quoted(std::string_view text) {
  return quoted(text, "\\'");
}

/// For the descriptions of zsh's _arguments, where these signs have a meaning.
std::string zsh_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("[]:\\").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string bash_action(const CompletedValue& value) {
  switch (value.kind) {
    case Kind::kFile:
      return "_fusion_files";
    case Kind::kFolder:
      return "_fusion_folders";
    case Kind::kOneOf:
      return cat("_fusion_words ", shell_quoted(join(value.one_of, " ")));
    case Kind::kNothing:
    case Kind::kAnything:
      break;
  }
  return ":";
}

std::string zsh_action(const CompletedValue& value) {
  switch (value.kind) {
    case Kind::kFile:
      return "_files";
    case Kind::kFolder:
      return "_files -/";
    case Kind::kOneOf:
      return cat("(", join(value.one_of, " "), ")");
    case Kind::kNothing:
    case Kind::kAnything:
      break;
  }
  return " ";
}

/// The part of a fish line that says what may follow.
std::string fish_action(const CompletedValue& value) {
  switch (value.kind) {
    case Kind::kFile:
      return " -F";
    case Kind::kFolder:
      return " -f -a '(__fish_complete_directories)'";
    case Kind::kOneOf:
      return cat(" -f -a ", fish_quoted(join(value.one_of, " ")));
    case Kind::kNothing:
    case Kind::kAnything:
      break;
  }
  return " -f";
}

std::vector<std::string> command_names(const std::vector<CompletedCommand>& commands) {
  std::vector<std::string> names;
  for (const CompletedCommand& command : commands) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  return names;
}

constexpr const char* kBashHead = R"sh(# bash completion of fusion. Load it with: source <(fusion completion bash)
_fusion_path() {
  compopt -o filenames 2>/dev/null
  local typed=$2
  [[ $typed == "~/"* ]] && typed=$HOME/${typed#\~/}
  mapfile -t COMPREPLY < <(compgen "$1" -- "$typed")
}
_fusion_files() { _fusion_path -f "$1"; }
_fusion_folders() { _fusion_path -d "$1"; }
_fusion_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }
# What may follow a flag of a command; fails where the word is none that takes a value.
_fusion_value() {
  case "$1 $2" in
)sh";

constexpr const char* kBashPlaces = R"sh(    *) return 1 ;;
  esac
}
# What may stand in a place of a command.
_fusion_place() {
  case "$1 $2" in
)sh";

constexpr const char* kBashFlags = R"sh(  esac
}
_fusion_flags() {
  case "$1" in
)sh";

constexpr const char* kBashTail = R"sh(  esac
}
_fusion() {
  local typed=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' place=0 i word
  COMPREPLY=()
  # Bash takes "--flag=value" for three words.
  if [[ $typed == = ]]; then
    typed=''
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -?* ]]; then
      if _fusion_value "$command" "$word" ''; then
        [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
        ((i++))
      fi
    elif [[ -z $command ]]; then
      command=$word
    else
      ((place++))
    fi
  done
  COMPREPLY=()
  if [[ $before == -?* ]] && _fusion_value "$command" "$before" "$typed"; then return; fi
  if [[ $typed == -* ]]; then
    _fusion_words "$(_fusion_flags "$command")"
                                  "$typed" else _fusion_place
    "$command"
    "$place"
    "$typed" fi
}
complete -F _fusion fusion
)sh";

}  // namespace

std::vector<CompletedCommand> completed_commands(const CLI::App& app) {
  std::vector<CompletedCommand> commands{completed(app, "")};
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(completed(*command, command->get_name()));
  return commands;
}

std::string bash_completion(const std::vector<CompletedCommand>& commands) {
  std::ostringstream values;
  std::ostringstream places;
  std::ostringstream flags;
  for (const CompletedCommand& command : commands) {
    std::vector<std::string> names;
    for (const CompletedFlag& flag : command.flags) {
      names.insert(names.end(), flag.names.begin(), flag.names.end());
      if (flag.value.kind == Kind::kNothing) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : flag.names) patterns.push_back(cat("\"", command.name, " ", name, "\""));
      values << "    " << join(patterns, " | ") << ") " << bash_action(flag.value) << " \"$3\" ;;\n";
    }
    flags << "    '" << command.name << "') echo " << shell_quoted(join(names, " ")) << " ;;\n";
    for (size_t i = 0; i < command.places.size(); ++i) {
      const CompletedPlace& place = command.places[i];
      places << "    \"" << command.name << " \"" << (place.repeatable ? "*" : cat(i)) << ") "
             << bash_action(place.value) << " \"$3\" ;;\n";
    }
  }
  places << "    \" 0\") _fusion_words " << shell_quoted(join(command_names(commands), " ")) << " \"$3\" ;;\n";
  return cat(kBashHead, values.str(), kBashPlaces, places.str(), kBashFlags, flags.str(), kBashTail);
}

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
