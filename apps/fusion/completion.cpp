// fusion completion SHELL: a script that completes the program's commands and flags.

#include <iostream>
#include <memory>
#include <string>

#include "fusion/commands.h"
#include "fusion/completion_script.h"
#include "fusion/flag_checks.h"

namespace fusion::app {

void add_completion(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a script that completes commands and flags in a shell");
  command->add_option("SHELL", *shell, "Which shell is to be taught")
      ->check(one_of({"bash", "zsh", "fish"}))
      ->required();
  command->footer(
      "Example: fusion completion bash > ~/.local/share/bash-completion/completions/fusion\n"
      "For this session only: source <(fusion completion bash)");
  command->callback([shell, &app] {
    const auto commands = completed_commands(app);
    const auto script = *shell == "bash" ? bash_completion : *shell == "zsh" ? zsh_completion : fish_completion;
    std::cout << script(commands);
  });
}

}  // namespace fusion::app
