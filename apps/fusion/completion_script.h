#pragma once
// Scripts that teach a shell the program's commands and flags.

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace fusion::app {

/// What may stand in a place of the command line.
struct CompletedValue {
  enum class Kind { kNothing, kAnything, kFile, kFolder, kOneOf };
  Kind kind = Kind::kNothing;            ///< kNothing: a flag without a value
  std::vector<std::string> one_of = {};  ///< of kOneOf; of kFile and kFolder: names that may stand in its place
};

struct CompletedFlag {
  std::vector<std::string> names;  ///< with their dashes, long ones first
  std::string help;
  CompletedValue value;
  bool repeatable = false;
};

struct CompletedPlace {
  std::string name;
  CompletedValue value;
  bool repeatable = false;
};

struct CompletedCommand {
  std::string name;  ///< "": the program itself
  std::string help;
  std::vector<CompletedFlag> flags;
  std::vector<CompletedPlace> places;
};

/// The program, then its commands. What a value is follows from its type name in --help: FILE..., FOLDER..., {a,b}, or
/// both of the latter.
std::vector<CompletedCommand> completed_commands(const CLI::App& app);

/// `text` between single quotes, where `quote` stands for one in it: in bash and zsh the quotes end before it and begin
/// again after it.
std::string shell_quoted(std::string_view text, std::string_view quote = "'\\''");

std::string bash_completion(const std::vector<CompletedCommand>& commands);
std::string zsh_completion(const std::vector<CompletedCommand>& commands);
std::string fish_completion(const std::vector<CompletedCommand>& commands);

}  // namespace fusion::app
