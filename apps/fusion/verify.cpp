// fusion verify CASE...: replays what the reference implementation computed and compares every stage.

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/commands.h"
#include "fusion/runtime_options.h"
#include "fusion/usage_error.h"
#include "workflows/parity/compare.h"
#include "workflows/parity/golden_case.h"
#include "workflows/parity/replay.h"
#include "workflows/parity/verify_case.h"

namespace fusion::app {

namespace {

struct VerifyOptions {
  std::vector<std::string> cases;
  std::string dump;
  double tolerance = 1;
  bool all = false;
  bool json = false;
  RuntimeOptions runtime;
};

/// The stages in the order of the model; a name belongs to the first prefix that fits.
constexpr const char* kFlow[] = {"instruct_states", "vision.split.", "vision.global.", "vision_features", "global_",
                                 "latent_init",     "prep.",         "llm.layer.",     "interaction.",    "llm.",
                                 "logits",          "loss.",         "grad.",          "grad_norm.",      "adamw1.",
                                 "adamw3.",         "gen."};
constexpr const char* kPerParameter[] = {"grad.", "grad_norm.", "adamw1.model.", "adamw3.model."};

size_t place_in_flow(const std::string& name) {
  const auto fits = [&](const char* prefix) { return name.starts_with(prefix); };
  return std::find_if(std::begin(kFlow), std::end(kFlow), fits) - std::begin(kFlow);
}

/// "llm.layer.12" and "llm.layer.3" belong to "llm.layer.*", all gradients to "grad.*".
std::string group_of(const std::string& name) {
  for (const char* prefix : kPerParameter) {
    if (name.starts_with(prefix)) return std::string(prefix) + "*";
  }
  std::string group;
  for (const char c : name) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    const bool part_start = group.empty() || group.back() == '.';
    if (digit && (part_start || group.back() == '*')) {
      if (part_start) group += '*';
    } else {
      group += c;
    }
  }
  return group;
}

/// One line of the table: a stage, or the worst of a group of stages.
struct Line {
  std::string name;
  size_t count = 0;
  StageCheck worst;
};

/// How near a check is to its bound, failing ones above all others.
double badness(const StageCheck& check) {
  if (!check.holds) return std::numeric_limits<double>::max();
  return check.bound > 0 ? check.error / check.bound : 0;
}

std::vector<Line> lines_of(const std::vector<StageCheck>& checks, bool all) {
  std::map<std::string, Line> lines;
  for (const StageCheck& check : checks) {
    const std::string name = all ? check.name : group_of(check.name);
    Line& line = lines.try_emplace(name, Line{.name = name, .count = 0, .worst = check}).first->second;
    ++line.count;
    if (badness(check) > badness(line.worst)) line.worst = check;
  }
  std::vector<Line> result;
  result.reserve(lines.size());
  for (auto& [name, line] : lines) result.push_back(std::move(line));
  std::stable_sort(result.begin(), result.end(),
                   [](const Line& a, const Line& b) { return place_in_flow(a.name) < place_in_flow(b.name); });
  return result;
}

/// What stands behind a line: the problem, or which of a group's stages came nearest to its bound.
std::string remark(const Line& line) {
  const StageCheck& worst = line.worst;
  if (!worst.problem.empty()) return worst.name + ": " + worst.problem;
  return line.count > 1 && worst.error > 0 ? worst.name : "";
}

void print_table(const CaseReport& report, bool all) {
  const auto lines = lines_of(report.checks, all);
  size_t width = 5;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  const auto name_width = static_cast<int>(width);
  std::printf("%s\n  %-*s  %6s  %9s  %9s  %-5s  %s\n", report.name.c_str(), name_width, "stage", "count", "error",
              "bound", "holds", "worst");
  for (const Line& line : lines) {
    const std::string worst = remark(line);
    std::printf("  %-*s  %6zu  %9.1e  %9.1e  %s%s\n", name_width, line.name.c_str(), line.count, line.worst.error,
                line.worst.bound, line.worst.holds ? "yes" : "NO ", worst.empty() ? "" : ("    " + worst).c_str());
  }
  const auto failed = std::count_if(report.checks.begin(), report.checks.end(), [](const auto& c) { return !c.holds; });
  std::printf("  %zu checks, %td failed\n\n", report.checks.size(), failed);
}

nlohmann::json json_of(const CaseReport& report) {
  nlohmann::json checks = nlohmann::json::array();
  for (const StageCheck& check : report.checks) {
    checks.push_back({{"stage", check.name},
                      {"shape", check.shape},
                      {"error", check.error},
                      {"bound", check.bound},
                      {"holds", check.holds},
                      {"problem", check.problem}});
  }
  return {{"case", report.name}, {"holds", report.holds()}, {"checks", checks}};
}

void run_verify(const VerifyOptions& options) {
  if (!options.dump.empty() && options.cases.size() != 1) {
    throw UsageError(
        {.who = "--dump", .expected = "one case", .got = cat(options.cases.size()), .hint = "dump them one by one"});
  }
  if (options.runtime.dtype == "int8") {
    throw UsageError({.who = "--dtype", .expected = "a precision of floats, as the goldens have", .got = "int8"});
  }
  ReplayOptions replay_options{.device = device_of(options.runtime)};
  if (const auto dtype = dtype_of(options.runtime)) replay_options.dtype = *dtype;
  apply_threads(options.runtime);

  ParityBounds bounds;
  bounds.stage *= options.tolerance;
  bounds.gradient *= options.tolerance;
  nlohmann::json reports = nlohmann::json::array();
  std::vector<std::string> failed;
  for (const std::string& folder : options.cases) {
    const CaseReport report = verify_case(folder, replay_options, bounds);
    if (!options.dump.empty()) {
      if (report.stages.empty())
        throw Error({.who = folder, .expected = "a case with tensors to dump", .got = "texts"});
      dump_stages(report.stages, options.dump);
    }
    if (options.json) {
      reports.push_back(json_of(report));
    } else {
      print_table(report, options.all);
    }
    if (!report.holds()) failed.push_back(report.name);
  }
  if (options.json) std::cout << reports.dump(2) << "\n";
  std::cout << std::flush;
  if (!failed.empty()) {
    throw Error(
        {.who = "verify", .expected = "every stage within its bound", .got = "failures in " + join(failed, ", ")});
  }
}

}  // namespace

void add_verify(CLI::App& app) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand("verify", "Compare with what the reference implementation computed");
  command->add_option("case", options->cases, "Folders of golden cases")->type_name("FOLDER")->required();
  command->add_option("--dump", options->dump, "Write every stage that was computed, as safetensors (one case only)")
      ->type_name("FILE");
  command->add_option("--tolerance", options->tolerance, "Multiplies all bounds, for half precision")
      ->check(CLI::Range(1e-3, 1e6))
      ->capture_default_str();
  command->add_flag("--all", options->all, "One line a stage instead of one a group");
  command->add_flag("--json", options->json, "Print every check as JSON");
  add_runtime_options(*command, options->runtime);
  command->footer("Example:\n  fusion verify parity/goldens/a_phi3_siglip_q4 --dump stages.safetensors");
  command->callback([options] { run_verify(*options); });
}

}  // namespace fusion::app
