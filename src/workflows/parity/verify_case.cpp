#include "workflows/parity/verify_case.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/parity/conversation_case.h"
#include "workflows/parity/preprocess_cases.h"

namespace fusion {

namespace {

using Verify = void (*)(const std::string& folder, const ReplayOptions&, const ParityBounds&, CaseReport&);

/// A kind of golden case and the file that a folder of it has.
struct Kind {
  std::string_view file;
  Verify verify;
};

void verify_model(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds,
                  CaseReport& report) {
  const GoldenCase golden = load_golden_case(folder);
  Replay computed = replay(golden, options);
  report.name = golden.name;
  report.checks = compare(golden, computed, bounds);
  report.stages = std::move(computed.stages);
}

void verify_conversation(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds,
                         CaseReport& report) {
  report.checks = check_conversation(folder, options, bounds, report.stages);
}

void verify_pictures(const std::string& folder, const ReplayOptions&, const ParityBounds&, CaseReport& report) {
  report.checks = check_pictures(folder, report.stages);
}

void verify_prompts(const std::string& folder, const ReplayOptions&, const ParityBounds&, CaseReport& report) {
  report.checks = check_prompts(folder);
}

void verify_tokenizer(const std::string& folder, const ReplayOptions&, const ParityBounds&, CaseReport& report) {
  report.checks = check_tokenizer(folder);
}

constexpr std::array kKinds{Kind{"case.json", verify_model}, Kind{"conversation.json", verify_conversation},
                            Kind{"preproc.json", verify_pictures}, Kind{"prompts.json", verify_prompts},
                            Kind{"golden.json", verify_tokenizer}};

const Kind* find_kind(const std::string& folder) {
  const auto* found = std::ranges::find_if(
      kKinds, [&](const Kind& kind) { return std::filesystem::exists(std::filesystem::path(folder) / kind.file); });
  return found == kKinds.end() ? nullptr : found;
}

std::string kind_files() {
  std::vector<std::string_view> files;
  files.reserve(kKinds.size());
  for (const Kind& kind : kKinds) files.push_back(kind.file);
  return join(files, ", ");
}

}  // namespace

bool CaseReport::holds() const {
  return !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const StageCheck& c) { return c.holds; });
}

bool is_golden_case(const std::string& folder) {
  return find_kind(folder) != nullptr;
}

CaseReport verify_case(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds) {
  const std::filesystem::path path(folder);
  const Kind* kind = find_kind(folder);
  if (kind == nullptr) {
    throw Error({.who = folder,
                 .expected = "a golden case, which has one of " + kind_files(),
                 .got = std::filesystem::is_directory(path) ? "a folder without them" : "no such folder",
                 .hint = "name a case, such as parity/goldens/a_phi3_siglip_q4"});
  }
  CaseReport report{.name = path.filename().empty() ? path.parent_path().filename() : path.filename()};
  kind->verify(folder, options, bounds, report);
  return report;
}

}  // namespace fusion
