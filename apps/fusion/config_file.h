#pragma once
// Defaults of flags from a file, a section for each command:
//
//     [ask]
//     model = "/models/FUSION-Phi3.5-3B"
//     temperature = 0.2

#include <CLI/CLI.hpp>

namespace fusion::app {

/// Adds --config FILE to the program and to every command that it has by now. Without it $FUSION_CONFIG names the file
/// (empty: none), else it is fusion/config.toml in $XDG_CONFIG_HOME or ~/.config, which need not exist. The command
/// line wins over the file. Parsing throws UsageError, with file and key, on a section, key or value that is wrong,
/// also for a command that does not run.
void add_config_file(CLI::App& app);

}  // namespace fusion::app
