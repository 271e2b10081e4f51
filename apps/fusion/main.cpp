// fusion: the command line over the library.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/commands.h"
#include "fusion/config_file.h"
#include "fusion/failure.h"
#include "fusion/waiting_threads.h"

namespace fusion::app {
namespace {

/// The command that was being read when parsing failed: `check` of `fusion data check`.
CLI::App& active_command(CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : active_command(*chosen.front());
}

/// "fusion", "fusion ask", "fusion data check"
std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : cat(full_name(*parent), " ", command.get_name());
}

std::vector<std::string> known_words(CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const CLI::App* subcommand : command.get_subcommands({})) words.push_back(subcommand->get_name());
  return words;
}

/// The word of the command line that nothing takes: a flag if there is one, for what follows it is its value.
std::string unknown_word(CLI::App& command) {
  const std::vector<std::string> words = command.remaining();
  for (const std::string& word : words) {
    if (word.starts_with('-')) return word;
  }
  return words.empty() ? "" : words.front();
}

void report_usage_error(CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) {
    const auto file = app.get_config_ptr()->as<std::string>();
    return report(cat(file, ": expected a file of defaults, got nothing there; check --config or $FUSION_CONFIG"));
  }
  CLI::App& command = active_command(app);
  const bool no_command = command.get_require_subcommand_min() > 0;
  std::string message = no_command ? "a command is required" : error.what();
  // An unknown word comes first: it is often why something else is missing.
  if (const std::string word = unknown_word(command); !word.empty()) {
    const char* const kind = word.starts_with('-') ? "flag" : no_command ? "command" : "argument";
    const std::string known = closest_match(word, known_words(command));
    message = cat("unknown ", kind, " ", printable(word));
    if (!known.empty()) message += cat(" (did you mean ", known, "?)");
  }
  report(cat(message, "; see `", full_name(command), " --help`"));
}

/// Without this the first file that is opened takes the number of a standard stream that the caller closed, and what
/// is printed goes into that file.
void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // stdout too for reading only: that printing fails is to be noticed.
    const int access = descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (::fcntl(descriptor, F_GETFD) == -1) ::open("/dev/null", access);
  }
}

/// A file that reaches the limit of its size is then an error of whoever writes it, and not the end of the program.
void ignore_file_size_signal() {
  (void)std::signal(SIGXFSZ, SIG_IGN);
}

/// An answer that did not reach its reader is a failure.
void finish_output() {
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout) {
    throw Error({.who = "standard output",
                 .expected = "to write the whole result",
                 .got = "an error of the system",
                 .cause = "closed, or the disk is full"});
  }
}

int run(int argc, char** argv) {
  CLI::App app{"FUSION: a vision-language model in which the question takes part in seeing (arXiv 2504.09925)."};
  app.name("fusion");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("fusion ") + FUSION_VERSION);
  app.footer("Example:\n  fusion ask examples/cat.jpg \"What is the cat looking at?\" --model models/FUSION-Phi3.5-3B");
  add_ask(app);
  add_chat(app);
  add_bench(app);
  add_info(app);
  add_init(app);
  add_train(app);
  add_verify(app);
  add_data(app);
  add_synth(app);
  add_eval(app);
  add_mir(app);
  add_completion(app);
  add_config_file(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    report_usage_error(app, error);
    return kUsageError;
  }
  finish_output();
  return 0;
}

/// The exit code for whatever goes wrong, after saying it.
int run_and_report(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const EarlyEnd& end) {
    return end.exit_code;
  } catch (const std::exception&) {
    const bool training = argc > 1 && std::string_view(argv[1]) == "train";
    const Failure failure = current_failure(training ? kTrainingMemoryHint : kAnsweringMemoryHint);
    report(failure.message);
    return failure.exit_code;
  }
}

}  // namespace
}  // namespace fusion::app

int main(int argc, char** argv) {
  fusion::app::shorten_spinning(argv);
  fusion::app::occupy_standard_streams();
  fusion::app::ignore_file_size_signal();
  return fusion::app::run_and_report(argc, argv);
}
