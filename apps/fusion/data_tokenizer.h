#pragma once
// fusion data tokenizer.

#include <CLI/CLI.hpp>

namespace fusion::app {

void add_data_tokenizer(CLI::App& data);

}  // namespace fusion::app
