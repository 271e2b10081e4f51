#include <iostream>
#include <memory>
#include <string>

#include "foundation/core/text.h"
#include "fusion/commands.h"
#include "fusion/flag_checks.h"
#include "workflows/assembly/summary_report.h"

namespace fusion::app {

namespace {

struct InfoFlags {
  std::string model;
  bool json = false;
};

void run_info(const InfoFlags& flags) {
  const ModelSummary model = summarise(flags.model);
  if (flags.json) {
    std::cout << json_report(model).dump(2) << "\n";
  } else {
    std::cout << text_report(model);
  }
}

}  // namespace

void add_info(CLI::App& app) {
  const auto flags = std::make_shared<InfoFlags>();
  CLI::App* command = app.add_subcommand("info", "Describe a model: architecture, parameters, memory, tokenizer");
  command->add_option("MODEL", flags->model, cat("a checkpoint folder, or one of ", join(preset_names(), ", ")))
      ->type_name(folder_or(preset_names()))
      ->option_text("FOLDER")
      ->required();
  command->add_flag("--json", flags->json, "print JSON");
  command->footer("Example: fusion info fusion-phi3.5-3b");
  command->callback([flags] { run_info(*flags); });
}

}  // namespace fusion::app
