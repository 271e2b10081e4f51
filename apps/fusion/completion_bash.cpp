#include "fusion/completion_script.h"

#include <algorithm>
#include <sstream>

#include "foundation/core/text.h"

namespace fusion::app {

namespace {

using Kind = CompletedValue::Kind;

std::string bash_path_action(const char* function, const std::vector<std::string>& names) {
  return names.empty() ? function : cat("_fusion_names ", function, " ", shell_quoted(join(names, " ")));
}

std::string bash_action(const CompletedValue& value) {
  switch (value.kind) {
    case Kind::kFile:
      return bash_path_action("_fusion_files", value.one_of);
    case Kind::kFolder:
      return bash_path_action("_fusion_folders", value.one_of);
    case Kind::kOneOf:
      return cat("_fusion_words ", shell_quoted(join(value.one_of, " ")));
    case Kind::kNothing:
    case Kind::kAnything:
      break;
  }
  return ":";
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
# Files or folders, or one of some words.
_fusion_names() {
  "$1" "$3"
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$2" -- "$3")
}
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
    _fusion_words "$(_fusion_flags "$command")" "$typed"
  else
    _fusion_place "$command" "$place" "$typed"
  fi
}
complete -F _fusion fusion
)sh";

}  // namespace

std::string bash_completion(const std::vector<CompletedCommand>& commands) {
  std::ostringstream values;
  std::ostringstream places;
  std::ostringstream flags;
  for (const CompletedCommand& command : commands) {
    std::vector<std::string> names;
    for (const CompletedFlag& flag : command.flags) {
      names.insert(names.end(), flag.names.begin(), flag.names.end());
      if (flag.value.kind == Kind::kNothing) continue;
      std::vector<std::string> patterns(flag.names.size());
      std::transform(flag.names.begin(), flag.names.end(), patterns.begin(),
                     [&](const std::string& name) { return cat("\"", command.name, " ", name, "\""); });
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

}  // namespace fusion::app
