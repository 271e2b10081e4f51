// Several processes against one.

#include <gmock/gmock.h>
#include <torch/types.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "workflows/training/communication/connect.h"
#include "workflows/training/communication/process_test.h"
#include "workflows/training/optimization/sharded_adamw.h"
#include "workflows/training/optimization/toy_model.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSteps = 4;
constexpr double kClip = 2.0;

/// "kind/name" and whole flattened values.
using State = std::map<std::string, torch::Tensor>;

void require(bool holds, const std::string& what) {
  if (!holds) throw Error({.who = what, .got = "something else"});
}

/// A process's view of a run over the toy.
struct ToyRun {
  explicit ToyRun(std::unique_ptr<Communicator> joined) : communicator(std::move(joined)) {
    if (communicator->rank() > 0) toy->first->weight.data().zero_();  // must come from process 0
    const std::vector<GroupRule> rules{{.match = "first.*", .lr = 3e-3}};
    const AdamWOptions options{.ema_decay = 0.9, .bucket_bytes = 1000};  // many small buckets
    optimizer = std::make_unique<ShardedAdamW>(group_parameters(*toy, 1e-2, 0.1, rules), options, *communicator);
  }

  /// One step's global batch is `chunks` micro-batches, shared out in order.
  void backward(uint64_t step, int64_t chunks) {
    const int64_t own = chunks / communicator->world_size();
    for (int64_t i = 0; i < own; ++i) {
      const auto chunk = static_cast<uint64_t>(communicator->rank() * own + i);
      loss(step, chunk, chunks).backward();
      optimizer->finish_backward();
    }
  }

  /// The last layer is in none of step 1 and in one chunk of step 2.
  torch::Tensor loss(uint64_t step, uint64_t chunk, int64_t chunks) {
    const bool with_last = step == 2 ? chunk == 0 : step != 1;
    return toy->loss(toy_batch(step * 100 + chunk), with_last) / static_cast<double>(chunks);
  }

  void step() {
    const double norm = optimizer->gradient_norm();
    norms.push_back(norm);
    optimizer->step(1.0, kClip, norm);
  }

  std::shared_ptr<ToyModel> toy = std::make_shared<ToyModel>();
  std::unique_ptr<Communicator> communicator;
  std::unique_ptr<ShardedAdamW> optimizer;
  std::vector<double> norms;
};

std::unique_ptr<Communicator> join_run() {
  return connect_processes({.timeout = std::chrono::seconds(30)});
}

/// Appends to "kind/name" files: "begin size", then the bytes.
void write_pieces(const ShardedAdamW& optimizer, const fs::path& folder) {
  for (const std::string& kind : optimizer.kinds()) {
    for (const ParameterPiece& piece : optimizer.pieces(kind)) {
      std::ofstream file(folder / cat(kind, "-", piece.name, "-", piece.begin), std::ios::binary);
      const auto values = piece.values.contiguous();
      file.write(static_cast<const char*>(values.const_data_ptr()), static_cast<std::streamsize>(values.nbytes()));
    }
  }
}

State read_pieces(const fs::path& folder) {
  std::map<std::string, std::map<int64_t, torch::Tensor>> pieces;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    const size_t dash = name.rfind('-');
    torch::Tensor values = torch::empty({static_cast<int64_t>(entry.file_size() / sizeof(float))});
    std::ifstream(entry.path(), std::ios::binary)
        .read(static_cast<char*>(values.data_ptr()), static_cast<std::streamsize>(values.nbytes()));
    pieces[name.substr(0, dash)][std::stoll(name.substr(dash + 1))] = values;
  }
  State state;
  for (auto& [name, parts] : pieces) {
    std::vector<torch::Tensor> in_order;
    int64_t begin = 0;
    for (auto& [at, values] : parts) {
      EXPECT_EQ(at, begin) << name;
      begin += values.numel();
      in_order.push_back(values);
    }
    state[name] = torch::cat(in_order);
  }
  return state;
}

/// Every process must have the same whole parameters.
void require_same_parameters(ToyRun& run, const std::string& when) {
  for (const auto& item : run.toy->named_parameters()) {
    torch::Tensor first = item.value().detach().clone();
    run.communicator->broadcast(first, 0);
    require(torch::equal(first, item.value()), item.key() + " " + when);
  }
}

int64_t model_bytes(const ToyModel& toy) {
  int64_t bytes = 0;
  for (const auto& parameter : toy.parameters()) bytes += static_cast<int64_t>(parameter.nbytes());
  return bytes;
}

/// What the reduced gradients of one process may take: its part, and some for at most ten padded buckets.
int64_t bytes_of_parts(const ToyRun& run) {
  constexpr int64_t kPadding = 2560;
  return model_bytes(*run.toy) / run.communicator->world_size() + kPadding;
}

/// train FOLDER CHUNKS: a few steps; writes the state.
void train(const std::vector<std::string>& arguments) {
  ToyRun run(join_run());
  require_same_parameters(run, "at the start");
  for (uint64_t step = 0; step < kSteps; ++step) {
    run.backward(step, std::stoll(arguments.at(1)));
    run.step();
    require_same_parameters(run, cat("after step ", step));
  }
  write_pieces(*run.optimizer, arguments.at(0));
  run.optimizer->use_ema();
  require_same_parameters(run, "averaged");
  for (const ParameterPiece& piece : run.optimizer->pieces("ema")) {
    const auto whole = run.toy->named_parameters()[piece.name].flatten();
    require(torch::equal(whole.narrow(0, piece.begin, piece.values.numel()), piece.values), "the average in place");
  }
  run.optimizer->use_weights();
  for (const ParameterPiece& piece : run.optimizer->pieces("weight")) {
    const auto whole = run.toy->named_parameters()[piece.name].flatten();
    require(torch::equal(whole.narrow(0, piece.begin, piece.values.numel()), piece.values), "the weights again");
  }
}

/// reload FROM TO: loads what some processes wrote and writes it as this many.
void reload(const std::vector<std::string>& arguments) {
  ToyRun run(join_run());
  const State state = read_pieces(arguments.at(0));
  run.optimizer->load([&](const std::string& kind, const std::string& name) { return state.at(cat(kind, "-", name)); });
  require_same_parameters(run, "after loading");
  write_pieces(*run.optimizer, arguments.at(1));
}

/// Whole gradients leave with their buckets, while the backward pass still runs.
void free_gradients(const std::vector<std::string>& /*arguments*/) {
  ToyRun run(join_run());
  const int64_t parts = bytes_of_parts(run);
  for (int pass = 0; pass < 2; ++pass) {
    run.loss(0, 0, 1).backward();
    for (const auto& item : run.toy->named_parameters())
      require(!item.value().grad().defined(), "grad of " + item.key());
    require(run.optimizer->gradient_bytes() <= parts, cat("gradient memory of pass ", pass));
    run.optimizer->finish_backward();
    require(run.optimizer->gradient_bytes() <= parts, "gradient memory after finish_backward()");
  }
  run.step();
  require(run.optimizer->gradient_bytes() == 0, "gradient memory after a step");
}

/// Process 0 runs two backward passes where the others run one: what comes after a bucket's reduction counts too.
void add_late(const std::vector<std::string>& arguments) {
  ToyRun run(join_run());
  for (uint64_t step = 0; step < 2; ++step) {
    const auto chunk = static_cast<uint64_t>(2 * run.communicator->rank());
    auto first = run.loss(3, chunk, 4);
    auto second = run.loss(3, chunk + 1, 4);
    if (run.communicator->rank() == 0) {
      first.backward();
      second.backward();
    } else {
      (first + second).backward();
    }
    // From the second step on the second pass is waited for.
    if (step > 0) require(run.optimizer->gradient_bytes() <= bytes_of_parts(run), "gradient memory");
    run.optimizer->finish_backward();
    run.step();
  }
  write_pieces(*run.optimizer, arguments.at(0));
}

/// Process 1 dies where the others are in their backward pass.
void die_in_backward(const std::vector<std::string>& /*arguments*/) {
  ToyRun run(join_run());
  run.backward(0, run.communicator->world_size());
  if (run.communicator->rank() == 1) kill(getpid(), SIGKILL);
  run.loss(1, 0, 1).backward();
  run.optimizer->finish_backward();
}

class ShardedRuns : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_connect(torch::kCPU)) GTEST_SKIP() << "this build runs one process only";
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string folder(const std::string& name) {
    fs::create_directories(root_ / name);
    return root_ / name;
  }

  static void expect_success(const std::vector<EndedProcess>& processes) {
    for (const EndedProcess& process : processes) EXPECT_EQ(process.status, 0) << process.output;
  }

  static void expect_near(const State& got, const State& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (const auto& [name, values] : expected) {
      ASSERT_TRUE(got.contains(name)) << name;
      const double scale = values.abs().max().item<double>();
      EXPECT_LE((got.at(name) - values).abs().max().item<double>(), 2e-6 * scale) << name;
    }
  }

 private:
  fs::path root_ = fs::path(testing::TempDir()) / cat("fusion_sharded_", getpid());
};

TEST_F(ShardedRuns, ManyProcessesTrainAsOneDoes) {
  ToyRun alone(single_process());
  for (uint64_t step = 0; step < kSteps; ++step) {
    alone.backward(step, 4);
    alone.step();
  }
  ASSERT_GT(alone.norms.front(), kClip);  // so that clipping is tried too
  write_pieces(*alone.optimizer, folder("1"));
  const State expected = read_pieces(folder("1"));
  for (const int processes : {2, 4}) {  // two micro-batches each, and one
    expect_success(run_processes("train", processes, {folder(cat(processes)), "4"}));
    expect_near(read_pieces(folder(cat(processes))), expected);
  }
}

TEST_F(ShardedRuns, TheSameRunGivesTheSameBits) {
  expect_success(run_processes("train", 2, {folder("a"), "4"}));
  expect_success(run_processes("train", 2, {folder("b"), "4"}));
  const State first = read_pieces(folder("a"));
  for (const auto& [name, values] : read_pieces(folder("b"))) EXPECT_TRUE(torch::equal(values, first.at(name))) << name;
}

TEST_F(ShardedRuns, StateMovesToAnotherNumberOfProcessesExactly) {
  expect_success(run_processes("train", 4, {folder("4"), "4"}));
  const State written = read_pieces(folder("4"));
  EXPECT_EQ(written.size(), 5U * 4U);
  for (const int processes : {1, 2, 3}) {
    expect_success(run_processes("reload", processes, {folder("4"), folder(cat(processes))}));
    const State read = read_pieces(folder(cat(processes)));
    ASSERT_EQ(read.size(), written.size());
    for (const auto& [name, values] : written) EXPECT_TRUE(torch::equal(read.at(name), values)) << name;
  }
}

TEST_F(ShardedRuns, WholeGradientsAreFreedDuringTheBackwardPass) {
  expect_success(run_processes("free_gradients", 4));
}

TEST_F(ShardedRuns, AGradientThatComesAfterItsBucketsReductionCounts) {
  ToyRun alone(single_process());
  for (uint64_t step = 0; step < 2; ++step) {
    for (uint64_t chunk = 0; chunk < 4; ++chunk) alone.loss(3, chunk, 4).backward();
    alone.step();
  }
  write_pieces(*alone.optimizer, folder("1"));
  expect_success(run_processes("add_late", 2, {folder("2")}));
  expect_near(read_pieces(folder("2")), read_pieces(folder("1")));
}

TEST_F(ShardedRuns, ADeadPeerIsAnErrorOfTheBackwardPass) {
  const auto ended = run_processes("die_in_backward", 3);
  for (size_t rank = 0; rank < ended.size(); ++rank) {
    EXPECT_LT(ended[rank].seconds, 10);
    if (rank == 1) continue;
    EXPECT_EQ(ended[rank].status, 1);
    EXPECT_THAT(ended[rank].output, testing::HasSubstr("another process has died"));
  }
}

}  // namespace
}  // namespace fusion

int main(int argc, char** argv) {
  return fusion::test_main(argc, argv,
                           {{"train", fusion::train},
                            {"reload", fusion::reload},
                            {"free_gradients", fusion::free_gradients},
                            {"add_late", fusion::add_late},
                            {"die_in_backward", fusion::die_in_backward}});
}
