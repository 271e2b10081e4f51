// The optimiser against the reference's steps on its own models.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>

#include "workflows/parity/compare.h"
#include "workflows/parity/exact_convolutions.h"
#include "workflows/training/optimization/sharded_adamw.h"

namespace fusion {
namespace {

/// Every case that has optimizer runs.
std::vector<std::string> folders_with_steps() {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(FUSION_SOURCE_DIR "/parity/goldens")) {
    if (std::filesystem::exists(entry.path() / "case.json")) folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// The smallest gradients are needed to tell rounding noise, of which Adam takes the sign, from the rest.
void keep_smallest(OptimizerRun& run, FusionModel& model, double scale) {
  for (const auto& item : model->named_parameters()) {
    if (!item.value().grad().defined()) continue;
    const auto magnitude = item.value().grad().detach().abs() * scale;
    torch::Tensor& smallest = run.smallest_gradients[item.key()];
    smallest = smallest.defined() ? torch::minimum(smallest, magnitude) : magnitude;
  }
}

OptimizerRun run_steps(const GoldenCase& golden, const GoldenOptimizer& settings, const std::string& prefix,
                       Trace& stages) {
  FusionModel model = golden_model(golden, {});
  const PreparedInput input = golden_training_input(golden, {});
  // The reference's run decays every parameter, also those of one dimension.
  ParameterGroup everything{.name = "all", .lr = settings.lr, .weight_decay = settings.weight_decay};
  for (auto& item : model->named_parameters()) everything.parameters.push_back({item.key(), item.value()});
  const auto communicator = single_process();
  ShardedAdamW optimizer({.groups = {everything}},
                         {.beta1 = settings.beta1, .beta2 = settings.beta2, .eps = settings.eps}, *communicator);
  OptimizerRun run;
  for (int64_t step = 0; step < settings.steps; ++step) {
    const auto loss = model->forward(input).losses.total;
    loss.backward();
    optimizer.finish_backward();
    run.losses.push_back(loss.item<double>());
    const double norm = optimizer.gradient_norm();
    if (settings.clip) run.grad_norms.push_back(norm);
    keep_smallest(run, model, settings.clip ? std::min(1.0, *settings.clip / (norm + 1e-6)) : 1.0);
    optimizer.step(1.0, settings.clip, norm);
  }
  const torch::NoGradGuard no_grad;
  run.losses.push_back(model->forward(input).losses.total.item<double>());
  for (const auto& item : model->named_parameters()) stages[prefix + item.key()] = item.value().detach();
  return run;
}

class GoldenSteps : public testing::TestWithParam<std::string> {};

TEST_P(GoldenSteps, ParametersAreTheReferences) {
  const ExactConvolutions exact;
  const GoldenCase golden = load_golden_case(GetParam());
  if (!golden.adamw1 || !golden.adamw3) FAIL() << "the case has no optimizer runs";
  Replay computed;
  computed.adamw1 = run_steps(golden, *golden.adamw1, "adamw1.", computed.stages);
  computed.adamw3 = run_steps(golden, *golden.adamw3, "adamw3.", computed.stages);
  size_t compared = 0;
  for (const StageCheck& check : compare(golden, computed, {})) {
    if (!check.name.starts_with("adamw")) continue;
    ++compared;
    EXPECT_TRUE(check.holds) << check.name << " error " << check.error << " bound " << check.bound << " "
                             << check.problem;
  }
  EXPECT_GT(compared, 10U);
}

INSTANTIATE_TEST_SUITE_P(Parity, GoldenSteps, testing::ValuesIn(folders_with_steps()),
                         [](const auto& test) { return std::filesystem::path(test.param).filename().string(); });

}  // namespace
}  // namespace fusion
