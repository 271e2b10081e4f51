#include <gtest/gtest.h>

#include <filesystem>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion {
namespace {

TEST(RunRecipe, IsStoppedWhileItWritesItsDataSet) {
  const ScratchFolder folder;
  const Recipe recipe = read_recipe(folder.put(
      "recipe.yaml", "items: 6\nkinds: [Color]\nobjects: {objects: [shapes]}\nrender: {width: 64, height: 64}\n"));
  const SynthPlace place{.folder = folder / "out", .threads = 1};
  std::stop_source stop;
  const RunOutcome stopped = run_recipe(recipe, place,
                                        {.on_export =
                                             [&](uint64_t done, uint64_t) {
                                               if (done == 2) stop.request_stop();
                                             },
                                         .stop = stop.get_token()});
  EXPECT_EQ(stopped.stages.end, RunEnd::kStopped);
  EXPECT_FALSE(stopped.exported);
  EXPECT_FALSE(std::filesystem::exists(folder / "out/data/train.jsonl"));

  const RunOutcome whole = run_recipe(recipe, place);
  EXPECT_EQ(whole.stages.end, RunEnd::kLimitReached);
  EXPECT_TRUE(whole.exported);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/report.html"));
}

}  // namespace
}  // namespace fusion
