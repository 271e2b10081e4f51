#pragma once
// The commands of the program, one file each. A command reads its flags, calls the library and shows the result.

#include <CLI/CLI.hpp>

namespace fusion::app {

void add_ask(CLI::App& app);
void add_bench(CLI::App& app);
void add_chat(CLI::App& app);
void add_completion(CLI::App& app);
void add_data(CLI::App& app);
void add_eval(CLI::App& app);
void add_info(CLI::App& app);
void add_init(CLI::App& app);
void add_mir(CLI::App& app);
void add_synth(CLI::App& app);
void add_train(CLI::App& app);
void add_verify(CLI::App& app);

}  // namespace fusion::app
