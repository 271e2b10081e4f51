#include "workflows/training/loop/run_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>

#include "foundation/config/output_file.h"
#include "foundation/config/test_support.h"
#include "foundation/nn/linear.h"
#include "foundation/nn/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A layer, its optimiser, and one step done.
struct SmallRun {
  explicit SmallRun(uint64_t seed = 1) : communicator(single_process()) {
    fill_randomly(*layer, seed);
    optimizer = std::make_unique<ShardedAdamW>(group_parameters(*layer, 0.1, 0, {}), AdamWOptions{}, *communicator);
    layer(torch::ones({1, 4})).square().sum().backward();
    optimizer->finish_backward();
    optimizer->step(1, std::nullopt, optimizer->gradient_norm());
  }

  Linear layer{4, 3, /*bias=*/true, torch::TensorOptions()};
  std::unique_ptr<Communicator> communicator;
  std::unique_ptr<ShardedAdamW> optimizer;
};

RunPosition position_at(int64_t step) {
  RunPosition position;
  position.step = step;
  position.total_steps = 100;
  position.data_fingerprint = 0xfedcba9876543210;
  position.config = {{"seed", 1}};
  return position;
}

TEST(RunCheckpoint, ComesBackAsItWas) {
  const ScratchFolder folder;
  SmallRun run;
  const RunCheckpoints checkpoints(folder.path());
  RunPosition position = position_at(7);
  position.best_step = 5;
  position.best_loss = 0.1;
  position.skipped_steps = {{"bias", 2}};
  checkpoints.write(position, *run.optimizer, *run.communicator);
  EXPECT_THAT(checkpoints.steps(), ElementsAre(7));

  const StoredState state(checkpoints.path_of(7));
  EXPECT_EQ(state.position().step, 7);
  EXPECT_EQ(state.position().data_fingerprint, 0xfedcba9876543210);
  EXPECT_EQ(state.position().best_step, 5);
  EXPECT_EQ(state.position().best_loss, 0.1);
  EXPECT_EQ(state.position().skipped_steps, position.skipped_steps);
  EXPECT_THAT(state.parameter_names(), ElementsAre("bias", "weight"));
  for (const std::string& kind : run.optimizer->kinds()) {
    for (const ParameterPiece& piece : run.optimizer->pieces(kind)) {
      EXPECT_TRUE(state.values(kind, piece.name).equal(piece.values)) << kind << " of " << piece.name;
    }
  }
}

TEST(RunCheckpoint, KeepsTheLatestAndTheBest) {
  const ScratchFolder folder;
  const SmallRun run;
  const RunCheckpoints checkpoints(folder.path());
  for (const int64_t step : {2, 4, 6, 8}) {
    checkpoints.write(position_at(step), *run.optimizer, *run.communicator);
  }
  std::filesystem::create_directories(checkpoints.path_of(9) + ".partial");
  EXPECT_THAT(checkpoints.steps(), ElementsAre(2, 4, 6, 8));
  checkpoints.prune(2, 2);
  EXPECT_THAT(checkpoints.steps(), ElementsAre(2, 6, 8));
  EXPECT_FALSE(std::filesystem::exists(checkpoints.path_of(9) + ".partial"));
}

TEST(RunCheckpoint, LearnsHowItsValidationCameOut) {
  const ScratchFolder folder;
  const SmallRun run;
  const RunCheckpoints checkpoints(folder.path());
  RunPosition position = position_at(2);
  position.skipped_steps = {{"bias", 1}};
  position.validation_due = true;
  checkpoints.write(position, *run.optimizer, *run.communicator);
  EXPECT_TRUE(StoredState(checkpoints.path_of(2)).position().validation_due);

  RunPosition validated = position_at(2);
  validated.best_step = 2;
  validated.best_loss = 0.1;
  checkpoints.record_validation(validated);
  const StoredState state(checkpoints.path_of(2));
  EXPECT_FALSE(state.position().validation_due);
  EXPECT_EQ(state.position().best_step, 2);
  EXPECT_EQ(state.position().best_loss, 0.1);
  EXPECT_EQ(state.position().skipped_steps, position.skipped_steps);
}

TEST(RunCheckpoint, AFullDiskLeavesTheOneBefore) {
  const ScratchFolder folder;
  const SmallRun run;
  const RunCheckpoints checkpoints(folder.path());
  checkpoints.write(position_at(2), *run.optimizer, *run.communicator);
  {
    const FileSizeLimit limit(64);
    EXPECT_THAT(error_of([&] { checkpoints.write(position_at(4), *run.optimizer, *run.communicator); }),
                HasSubstr("the disk is full or a size limit is set"));
  }
  EXPECT_THAT(checkpoints.steps(), ElementsAre(2));
  EXPECT_FALSE(std::filesystem::exists(checkpoints.path_of(4) + ".partial"));
  EXPECT_EQ(StoredState(checkpoints.path_of(2)).position().step, 2);
}

TEST(RunCheckpoint, RefusesWhatIsDamaged) {
  const ScratchFolder folder;
  const SmallRun run;
  const RunCheckpoints checkpoints(folder.path());
  checkpoints.write(position_at(2), *run.optimizer, *run.communicator);
  const std::string path = checkpoints.path_of(2);
  EXPECT_THAT(error_of([&] { StoredState(path).values("weight", "other"); }), HasSubstr("got none"));

  const std::string state = path + "/state-00001-of-00001.safetensors";
  std::filesystem::resize_file(state, std::filesystem::file_size(state) - 4);
  EXPECT_THAT(error_of([&] { StoredState{path}; }), HasSubstr("state-00001-of-00001.safetensors"));
  std::filesystem::remove(state);
  EXPECT_THAT(error_of([&] { StoredState{path}; }), HasSubstr("state-00001-of-00001.safetensors"));
  write_text_file(path + "/trainer.json", "{\"format\": 2}");
  EXPECT_THAT(error_of([&] { StoredState{path}; }), HasSubstr("format"));
}

}  // namespace
}  // namespace fusion
