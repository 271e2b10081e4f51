#pragma once
// fusion synth status, retry, report, sheet, export, merge, kinds: what one does with the folder of a run.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "workflows/synthesis/export/export.h"

namespace fusion::app {

void add_synth_folder_commands(CLI::App& synth);

nlohmann::ordered_json export_to_json(const ExportSummary& summary);
/// Lines that say what was written into the folder, and how to train on it.
std::string text_of_export(const ExportSummary& summary, const std::string& folder);

}  // namespace fusion::app
