// fusion: the command line over the library.

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/commands.h"

namespace fusion::app {
namespace {

constexpr int kFailure = 1;     // the work could not be done
constexpr int kUsageError = 2;  // the command line is wrong

/// The command that was being read when parsing failed.
CLI::App& active_command(CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

std::vector<std::string> known_words(CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const CLI::App* subcommand : command.get_subcommands({})) words.push_back(subcommand->get_name());
  return words;
}

int report_usage_error(CLI::App& app, const CLI::ParseError& error) {
  CLI::App& command = active_command(app);
  std::cerr << "fusion: error: " << error.what();
  for (const std::string& word : command.remaining(/*recurse=*/true)) {
    const std::string known = closest_match(word, known_words(command));
    if (!known.empty()) std::cerr << "; did you mean " << known << "?";
  }
  const std::string name = &command == &app ? "fusion" : "fusion " + command.get_name();
  std::cerr << "\nRun `" << name << " --help` for what it takes.\n";
  return kUsageError;
}

int run(int argc, char** argv) {
  CLI::App app{"FUSION: a vision-language model in which the question takes part in seeing (arXiv 2504.09925)."};
  app.name("fusion");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("fusion ") + FUSION_VERSION);
  add_ask(app);
  add_info(app);
  add_init(app);
  add_verify(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return report_usage_error(app, error);
  }
  return 0;
}

}  // namespace
}  // namespace fusion::app

int main(int argc, char** argv) {
  try {
    return fusion::app::run(argc, argv);
  } catch (const fusion::Error& error) {
    std::cerr << "fusion: error: " << error.what() << "\n";
  } catch (const std::exception& error) {
    std::cerr << "fusion: internal error: " << error.what() << "\n";
  }
  return fusion::app::kFailure;
}
