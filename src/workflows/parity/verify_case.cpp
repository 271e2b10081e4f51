#include "workflows/parity/verify_case.h"

#include <algorithm>
#include <filesystem>

#include "foundation/core/error.h"
#include "workflows/parity/preprocess_cases.h"

namespace fusion {

namespace {

CaseReport verify_model(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds) {
  const GoldenCase golden = load_golden_case(folder);
  Replay computed = replay(golden, options);
  CaseReport report{.name = golden.name, .checks = compare(golden, computed, bounds)};
  report.stages = std::move(computed.stages);
  return report;
}

}  // namespace

bool CaseReport::holds() const {
  return !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const StageCheck& c) { return c.holds; });
}

CaseReport verify_case(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds) {
  const std::filesystem::path path(folder);
  const auto has = [&](const char* file) { return std::filesystem::exists(path / file); };
  if (has("case.json")) return verify_model(folder, options, bounds);
  CaseReport report{.name = path.filename().empty() ? path.parent_path().filename() : path.filename()};
  if (has("preproc.json")) {
    report.checks = check_pictures(folder, report.stages);
  } else if (has("prompts.json")) {
    report.checks = check_prompts(folder);
  } else if (has("golden.json")) {
    report.checks = check_tokenizer(folder);
  } else {
    throw Error({.who = folder,
                 .expected = "a golden case: case.json, preproc.json, prompts.json or golden.json",
                 .got = std::filesystem::is_directory(path) ? "a folder without them" : "no such folder",
                 .hint = "name a case, such as parity/goldens/a_phi3_siglip_q4"});
  }
  return report;
}

}  // namespace fusion
