#pragma once
// fusion train plot RUN...: the curves of training runs as a picture.

#include <CLI/CLI.hpp>

namespace fusion::app {

void add_train_plot(CLI::App& train);

}  // namespace fusion::app
