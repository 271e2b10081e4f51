#include "fusion/synth_folder.h"

#include <unistd.h>

#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/flag_checks.h"
#include "fusion/terminal_output.h"
#include "workflows/synthesis/export/split.h"
#include "workflows/synthesis/run/kind_files.h"
#include "workflows/synthesis/run/objects_text.h"
#include "workflows/synthesis/run/run_json.h"
#include "workflows/synthesis/run/run_sheet.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion::app {

namespace {

struct FolderFlags {
  std::string folder;
  bool json = false;
  int64_t show = 20;
};

struct MergeFlags {
  std::vector<std::string> folders;
  std::string out;
  bool json = false;
  bool quiet = false;
};

struct SheetFlags {
  std::string folder;
  std::string out;
  RunSheetOptions options;
};

struct KindFlags {
  std::string recipe;
  std::string write;
};

struct ObjectFlags {
  std::string recipe;
  bool nouns = false;
};

void run_retry(const FolderFlags& flags) {
  const auto failures = failed_items(flags.folder, flags.show);
  for (const StageFailure& failure : failures) {
    std::cout << "item " << failure.id << ", " << stage_name(failure.stage) << ", " << failure.attempts
              << (failure.attempts == 1 ? " time: " : " times: ") << harmless(failure.reason) << "\n";
  }
  const int64_t items = retry_failed_items(flags.folder);
  if (items > static_cast<int64_t>(failures.size())) {
    std::cout << "and " << grouped_text(static_cast<uint64_t>(items) - failures.size()) << " more\n";
  }
  std::cout << (items == 0 ? "nothing has failed\n"
                           : cat(grouped_text(static_cast<uint64_t>(items)),
                                 " items wait again: start `fusion synth` with the recipe and this folder\n"));
}

void show_export(const ExportSummary& summary, const std::string& folder, bool json) {
  if (json) {
    std::cout << export_to_json(summary).dump(2) << "\n";
  } else {
    std::cout << text_of_export(summary, folder);
  }
}

void run_kinds(const KindFlags& flags) {
  if (!flags.write.empty()) {
    const int64_t files = write_kind_files(flags.write);
    std::cout << "Wrote " << files << " files into " << flags.write
              << ": edit a copy and name it in a recipe's kind_files\n";
    return;
  }
  const KindRegistry kinds = flags.recipe.empty() ? KindRegistry::built_in() : recipe_kinds(read_recipe(flags.recipe));
  size_t width = 0;
  for (const Kind& kind : kinds.kinds()) width = std::max(width, kind.name.size());
  for (const Kind& kind : kinds.kinds()) {
    std::cout << kind.name << std::string(width - kind.name.size() + 2, ' ') << kind.family
              << std::string(13 - kind.family.size(), ' ') << kind.help << "\n";
  }
}

CLI::App* add_folder_command(CLI::App& synth, const std::string& name, const std::string& help,
                             const std::shared_ptr<FolderFlags>& flags) {
  CLI::App* command = synth.add_subcommand(name, help);
  command->add_option("DIR", flags->folder, "Folder of a run")->type_name("FOLDER")->required();
  command->footer(cat("Example: fusion synth ", name, " runs/world"));
  return command;
}

void add_status(CLI::App& synth) {
  const auto flags = std::make_shared<FolderFlags>();
  CLI::App* command = add_folder_command(synth, "status", "Where a run stands, also while it works", flags);
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([flags] {
    const StatusView status = run_status(flags->folder);
    if (flags->json) {
      std::cout << status_to_json(status).dump(2) << "\n";
    } else {
      std::cout << text_status(status);
    }
  });
}

void add_retry(CLI::App& synth) {
  const auto flags = std::make_shared<FolderFlags>();
  CLI::App* command = add_folder_command(synth, "retry", "Why items failed; the next run tries them again", flags);
  command->add_option("--show", flags->show, "Failures to list")
      ->type_name("N")
      ->check(whole_number(0, 1'000'000))
      ->capture_default_str();
  command->callback([flags] { run_retry(*flags); });
}

void add_report(CLI::App& synth) {
  const auto flags = std::make_shared<FolderFlags>();
  CLI::App* command = add_folder_command(synth, "report", "Write report.html from what there is now", flags);
  command->callback([flags] {
    const std::string path = write_report(flags->folder);
    std::cout << "Wrote " << path << "\n";
  });
}

void add_sheet(CLI::App& synth) {
  const auto flags = std::make_shared<SheetFlags>();
  CLI::App* command = synth.add_subcommand("sheet", "Draw pictures of a run with their questions on one sheet");
  command->add_option("DIR", flags->folder, "Folder of a run")->type_name("FOLDER")->required();
  command->add_option("-o,--out", flags->out, "Picture to write, .jpg or .png")->type_name("FILE")->required();
  command->add_option("--count", flags->options.count, "Pictures, every kind in turn")
      ->type_name("N")
      ->check(whole_number(1, 500))
      ->capture_default_str();
  command->add_option("--seed", flags->options.seed, "Another one shows other pictures")
      ->type_name("S")
      ->check(whole_number(0, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
  command->add_option("--columns", flags->options.layout.columns, "Pictures beside each other")
      ->type_name("N")
      ->check(whole_number(1, 20))
      ->capture_default_str();
  command->footer("Example: fusion synth sheet runs/world --out sheet.jpg");
  command->callback([flags] {
    const int64_t shown = write_sheet(flags->folder, flags->out, flags->options);
    std::cout << "Wrote " << shown << (shown == 1 ? " picture" : " pictures") << " with their questions into "
              << flags->out << "\n";
  });
}

void add_export(CLI::App& synth) {
  const auto flags = std::make_shared<FolderFlags>();
  CLI::App* command =
      add_folder_command(synth, "export", "Write the data set of what there is now, as the end of a run does", flags);
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([flags] {
    const RunListener listener{.on_export = drawn_bar(counted_progress("writing the data set", flags->json))};
    show_export(export_run(flags->folder, listener), flags->folder, flags->json);
  });
}

void add_merge(CLI::App& synth) {
  const auto flags = std::make_shared<MergeFlags>();
  CLI::App* command = synth.add_subcommand("merge", "Shards of a run as one data set, without what is there twice");
  command->add_option("DIR", flags->folders, "Folders of the shards")->type_name("FOLDER")->required();
  command->add_option("-o,--out", flags->out, "Folder of the data set")->type_name("FOLDER")->required();
  command->add_flag("--json", flags->json, "Print JSON");
  command->add_flag("-q,--quiet", flags->quiet, "No progress");
  command->footer("Example: fusion synth merge runs/part0 runs/part1 --out runs/whole");
  command->callback([flags] {
    const bool quiet = flags->quiet || flags->json;
    const RunListener listener{.on_benchmarks = drawn_bar(counted_progress("reading benchmarks", quiet)),
                               .on_export = drawn_bar(counted_progress("writing the data set", quiet))};
    show_export(merge_runs(flags->folders, flags->out, listener), flags->out, flags->json);
  });
}

void add_kinds(CLI::App& synth) {
  const auto flags = std::make_shared<KindFlags>();
  CLI::App* command = synth.add_subcommand("kinds", "The kinds of data, and their files to edit");
  command->add_option("recipe", flags->recipe, "A recipe whose own kinds are listed too")->type_name("FILE");
  command->add_option("--write", flags->write, "Write the built-in kinds' files there")->type_name("FOLDER");
  command->footer("Example: fusion synth kinds --write my-kinds");
  command->callback([flags] { run_kinds(*flags); });
}

void add_objects(CLI::App& synth) {
  const auto flags = std::make_shared<ObjectFlags>();
  CLI::App* command =
      synth.add_subcommand("objects", "What the drawn pictures can show: looks and nouns of each source");
  command->add_option("recipe", flags->recipe, "A recipe whose objects are counted, instead of the built-in ones")
      ->type_name("FILE");
  command->add_flag("--nouns", flags->nouns, "List every noun with its plural and its looks");
  command->footer("Example: fusion synth objects examples/synth/objects.yaml");
  command->callback([flags] {
    const auto catalogue =
        Catalogue::open(flags->recipe.empty() ? CatalogueOptions() : read_recipe(flags->recipe).objects);
    std::cout << (flags->nouns ? nouns_text(*catalogue) : objects_text(*catalogue));
  });
}

}  // namespace

void add_synth_folder_commands(CLI::App& synth) {
  add_status(synth);
  add_retry(synth);
  add_report(synth);
  add_sheet(synth);
  add_export(synth);
  add_merge(synth);
  add_kinds(synth);
  add_objects(synth);
}

nlohmann::ordered_json export_to_json(const ExportSummary& summary) {
  auto parts = nlohmann::ordered_json::object();
  for (const Split split : kSplits) {
    const PartCounts& counts = summary.splits[static_cast<size_t>(split)];
    parts[std::string(split_name(split))] = {{"records", counts.records}, {"pictures", counts.pictures}};
  }
  return {{"parts", parts}, {"tar_files", summary.tar_files}};
}

std::string text_of_export(const ExportSummary& summary, const std::string& folder) {
  std::string text = cat("Wrote into ", folder, ":\n");
  for (const Split split : kSplits) {
    const PartCounts& counts = summary.splits[static_cast<size_t>(split)];
    if (counts.records == 0) continue;
    const std::string name(split_name(split));
    text += cat("  data/", name, ".jsonl", std::string(12 - name.size(), ' '),
                grouped_text(static_cast<uint64_t>(counts.records)), " records of ",
                grouped_text(static_cast<uint64_t>(counts.pictures)), " pictures\n");
  }
  const int64_t to_train_on = summary.splits[static_cast<size_t>(Split::kTrain)].records;
  if (summary.tar_files > 0) text += cat("  webdataset/ holds ", summary.tar_files, " tar files\n");
  if (to_train_on > 0) text += "  mixture.yaml is for `fusion train`\n";
  return text + "  report.html is for reading, README.md is the data card\n";
}

}  // namespace fusion::app
