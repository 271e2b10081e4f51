// fusion verify: replays golden cases, dumps what it computed, and fails where a stage does.

#include "foundation/checkpoint/safetensors.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

const char* const kCase = "parity/goldens/a_phi3_siglip_q4";

/// A `verify` of that folder on one thread, because tests run side by side.
Words verify(const std::string& folder, const Words& more = {}) {
  Words words{"verify", folder, "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool is_input(const std::string& tensor) {
  return tensor.starts_with("in.") || tensor == "gen.input_ids";
}

TEST(Verify, DumpsEveryStageOfTheCase) {
  const ScratchFolder folder;
  const std::string dump = folder / "stages.safetensors";
  EXPECT_THAT(output_of(verify(source_path(kCase), {"--dump", dump})), HasSubstr(" 0 failed"));
  const auto golden = SafetensorsFile::open(source_path(kCase) + "/case.safetensors");
  const auto computed = SafetensorsFile::open(dump);
  size_t compared = 0;
  for (const TensorView& expected : golden->tensors()) {
    if (is_input(expected.name)) continue;
    const TensorView* const stage = computed->find(expected.name);
    ASSERT_NE(stage, nullptr) << expected.name;
    EXPECT_EQ(stage->shape, expected.shape) << expected.name;
    EXPECT_EQ(stage->dtype, expected.dtype) << expected.name;
    ++compared;
  }
  EXPECT_GT(compared, 90u);
}

TEST(Verify, SeveralFoldersOfEveryKind) {
  const nlohmann::json reports =
      json_of({"verify", "--json", "--threads", "1", source_path("parity/goldens/prompts"),
               source_path("parity/goldens/tokenizers/phi_like"), source_path("parity/goldens/e_text_only")});
  ASSERT_EQ(reports.size(), 3u);
  for (const nlohmann::json& report : reports) {
    EXPECT_EQ(report["holds"], true) << report["case"];
    EXPECT_FALSE(report["checks"].empty()) << report["case"];
  }
}

TEST(Verify, OneChangedWeightFails) {
  const ModelCopy copy(source_path(kCase));
  edit_tensors(copy.path(), [](std::vector<TensorSource>& tensors) {
    edit_values(tensor_like(tensors, "layers.2.mlp.down_proj"), [](std::span<float> values) { values[0] += 1; });
  });
  const ProgramResult result = run_fusion(verify(copy.path()));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("NO"));
  EXPECT_THAT(result.err, testing::StartsWith("fusion: error: verify: expected every stage within its bound"));
}

TEST(Verify, FoldersWithoutACase) {
  const ScratchFolder folder;
  expect_failure({"verify", folder.path()}, {folder.path(), "case.json", "parity/goldens"});
  expect_failure({"verify", folder / "none"}, {folder / "none", "no such folder"});
  const ModelCopy copy(source_path(kCase));
  copy.remove("case.safetensors");
  expect_failure({"verify", copy.path()}, {copy / "case.safetensors"});
  copy.put("case.json", "{}");
  expect_failure({"verify", copy.path()}, {copy / "case.json", "'name'"});
}

TEST(Verify, DumpNeedsOneCaseAndAFolder) {
  const ScratchFolder folder;
  const std::string dump = folder / "none/stages.safetensors";
  expect_failure(verify(source_path(kCase), {"--dump", dump}), {dump, "check that the folder exists"});
  expect_usage_error({"verify", source_path(kCase), source_path(kCase), "--dump", folder / "x"},
                     {"--dump", "one case"});
  expect_usage_error({"verify", source_path(kCase), "--tolerance", "0"}, {"--tolerance"});
}

}  // namespace
}  // namespace fusion
