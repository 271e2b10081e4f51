#include "workflows/training/communication/connect.h"

#include <gmock/gmock.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>

#include "workflows/training/communication/process_test.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<Communicator> join_run(int64_t timeout_seconds = 30) {
  return connect_processes({.timeout = std::chrono::seconds(timeout_seconds)});
}

void require(bool holds, const std::string& what) {
  if (!holds) throw Error({.who = what, .got = "something else"});
}

/// Every collective, with sums that float32 holds exactly.
void every_collective(const std::vector<std::string>& /*arguments*/) {
  const auto run = join_run();
  const int64_t ranks = run->world_size();
  const auto own = static_cast<float>(run->rank() + 1);
  const int64_t sum_of_ranks = ranks * (ranks + 1) / 2;
  for (const int64_t size : {1, 7, 1000, 300000}) {
    const auto numbers = torch::arange(size, torch::kFloat32).remainder(1000);
    torch::Tensor sum = numbers * own;
    run->all_reduce_sum(sum);
    require(torch::equal(sum, numbers * sum_of_ranks), "all_reduce_sum");

    const auto whole = torch::arange(size * ranks, torch::kFloat32).remainder(1000);
    const auto part = whole.narrow(0, run->rank() * size, size);
    torch::Tensor shard = torch::empty({size});
    run->reduce_scatter_sum(shard, whole * own);
    require(torch::equal(shard, part * sum_of_ranks), "reduce_scatter_sum");

    torch::Tensor gathered = torch::zeros({size * ranks});
    run->all_gather(gathered, part.clone());
    require(torch::equal(gathered, whole), "all_gather");
    gathered = torch::zeros({size * ranks});
    gathered.narrow(0, run->rank() * size, size).copy_(part);
    run->all_gather(gathered, gathered.narrow(0, run->rank() * size, size));
    require(torch::equal(gathered, whole), "all_gather in place");

    torch::Tensor sent = torch::full({size}, run->rank(), torch::kInt64);
    run->broadcast(sent, ranks - 1);
    require(sent.eq(ranks - 1).all().item<bool>(), "broadcast");
  }
  torch::Tensor doubles = torch::full({3}, 0.5, torch::kFloat64);
  run->all_reduce_sum(doubles);
  require(doubles.eq(0.5 * static_cast<double>(ranks)).all().item<bool>(), "all_reduce_sum of doubles");
  run->barrier();
}

/// Process 1 dies without a word in the middle of the run; the others go on until they notice.
void one_dies(const std::vector<std::string>& /*arguments*/) {
  const auto run = join_run();
  torch::Tensor sum = torch::ones({1000});
  run->all_reduce_sum(sum);
  if (run->rank() == 1) kill(getpid(), SIGKILL);
  for (;;) run->all_reduce_sum(sum);
}

/// Process 1 hangs.
void one_is_silent(const std::vector<std::string>& /*arguments*/) {
  const auto run = join_run(/*timeout_seconds=*/2);
  if (run->rank() == 1) raise(SIGSTOP);
  torch::Tensor shard = torch::ones({10});
  run->reduce_scatter_sum(shard, torch::ones({10 * run->world_size()}));
}

void only_connect(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && std::getenv("RANK") == arguments[0]) return;  // stays away
  connect_processes({.connect_timeout = std::chrono::seconds(1)});
}

void expect_success(const std::vector<EndedProcess>& processes) {
  for (const EndedProcess& process : processes) EXPECT_EQ(process.status, 0) << process.output;
}

TEST(SingleProcess, EveryCollectiveIsTheIdentity) {
  const auto run = single_process();
  EXPECT_EQ(run->rank(), 0);
  EXPECT_EQ(run->world_size(), 1);
  const auto numbers = torch::arange(5, torch::kFloat32);
  torch::Tensor own = numbers.clone();
  run->all_reduce_sum(own);
  run->broadcast(own, 0);
  EXPECT_TRUE(torch::equal(own, numbers));
  torch::Tensor other = torch::zeros({5});
  run->reduce_scatter_sum(other, numbers);
  EXPECT_TRUE(torch::equal(other, numbers));
  torch::Tensor whole = torch::zeros({5});
  run->all_gather(whole, numbers);
  EXPECT_TRUE(torch::equal(whole, numbers));
  run->barrier();
}

TEST(DeviceOfProcess, AGpuWithoutANumberIsTheOneOfTheLocalRank) {
  EXPECT_EQ(device_of_process(torch::kCPU), torch::Device(torch::kCPU));
  EXPECT_EQ(device_of_process(torch::Device("cuda:3")), torch::Device("cuda:3"));
  setenv("RANK", "5", 1);
  setenv("WORLD_SIZE", "8", 1);
  setenv("LOCAL_RANK", "1", 1);
  setenv("MASTER_ADDR", "node0", 1);
  setenv("MASTER_PORT", "29500", 1);
  EXPECT_EQ(device_of_process(torch::kCUDA), torch::Device("cuda:1"));
  for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"}) unsetenv(name);
}

class Meeting : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_connect(torch::kCPU)) GTEST_SKIP() << "this build runs one process only";
  }
};

class Processes : public Meeting, public testing::WithParamInterface<int> {};

TEST_P(Processes, EveryCollectiveIsExact) {
  expect_success(run_processes("every_collective", GetParam()));
}

TEST_P(Processes, ADeadPeerIsAnErrorOfEveryOtherWithinSeconds) {
  const auto ended = run_processes("one_dies", GetParam());
  for (size_t rank = 0; rank < ended.size(); ++rank) {
    EXPECT_LT(ended[rank].seconds, 10);
    if (rank == 1) continue;
    EXPECT_EQ(ended[rank].status, 1);
    EXPECT_THAT(ended[rank].output,
                AllOf(HasSubstr(cat("process ", rank, " of ", GetParam(), ": all_reduce_sum of 1000")),
                      HasSubstr("another process has died")));
  }
}

TEST_P(Processes, ASilentPeerIsAnErrorAfterTheTimeout) {
  const auto ended = run_processes("one_is_silent", GetParam());
  for (size_t rank = 0; rank < ended.size(); ++rank) {
    if (rank == 1) continue;
    EXPECT_EQ(ended[rank].status, 1);
    EXPECT_THAT(ended[rank].output, HasSubstr("reduce_scatter_sum of "));
  }
  // The first to notice says so; a process that waited for that one sees it leave.
  EXPECT_THAT(ended[0].output + ended.back().output, HasSubstr("needed more than 2 s"));
}

INSTANTIATE_TEST_SUITE_P(Communication, Processes, testing::Values(2, 4));

TEST_F(Meeting, OneProcessNeedsNoMaster) {
  expect_success(run_processes("only_connect", 1, {}, {{"MASTER_ADDR", ""}, {"MASTER_PORT", ""}}));
}

TEST_F(Meeting, TorchrunStartsTheProcesses) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const int port = Listener().port();
  const auto ended =
      run_all({{.command = {FUSION_PYTHON, "-m", "torch.distributed.run", "--no-python", "--nproc-per-node", "2",
                            "--master-port", cat(port), program, "--worker", "every_collective"}}});
  EXPECT_EQ(ended[0].status, 0) << ended[0].output;
}

TEST_F(Meeting, AMasterThatIsNotThereIsNamed) {
  const auto ended = run_processes("only_connect", 1, {}, {{"RANK", "1"}, {"WORLD_SIZE", "2"}});
  EXPECT_EQ(ended[0].status, 1);
  EXPECT_THAT(ended[0].output,
              AllOf(HasSubstr("MASTER_ADDR 127.0.0.1, MASTER_PORT "), HasSubstr("process 0 to answer within 1 s")));
}

TEST_F(Meeting, AnotherServerAtTheMastersPortIsNamed) {
  const Listener other_server;  // takes connections and says nothing
  const auto ended = run_processes("only_connect", 1, {},
                                   {{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_PORT", cat(other_server.port())}});
  EXPECT_EQ(ended[0].status, 1);
  EXPECT_THAT(ended[0].output, AllOf(HasSubstr(cat("MASTER_PORT ", other_server.port())),
                                     HasSubstr("process 0 did not start, or has another address or port")));
}

TEST_F(Meeting, AProcessThatDoesNotComeIsMissed) {
  const auto ended = run_processes("only_connect", 3, /*stays away:*/ {"2"});
  EXPECT_EQ(ended[0].status, 1);
  EXPECT_THAT(ended[0].output, HasSubstr("3 processes (WORLD_SIZE) to meet"));
  EXPECT_EQ(ended[1].status, 1);
  EXPECT_LT(ended[1].seconds, 15);
}

}  // namespace
}  // namespace fusion

int main(int argc, char** argv) {
  return fusion::test_main(argc, argv,
                           {{"every_collective", fusion::every_collective},
                            {"one_dies", fusion::one_dies},
                            {"one_is_silent", fusion::one_is_silent},
                            {"only_connect", fusion::only_connect}});
}
