// kill -9, for real: a child process runs the stages, and is killed after some calls.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/core/random_source.h"
#include "workflows/synthesis/stages/run_stages.h"
#include "workflows/synthesis/stages/test_support.h"

namespace fusion {
namespace {

constexpr int64_t kLimit = 600;

/// What a child tells of each call that its roles get.
struct Call {
  Stage stage;
  int64_t id;
};

class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) throw Error({.who = "pipe", .expected = "two ends", .got = "none"});
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void close_writing() { close_end(1); }
  void write(const Call& call) const {
    // Less than PIPE_BUF: whole, whoever else writes.
    if (::write(ends_[1], &call, sizeof call) != sizeof call) std::_Exit(3);
  }
  /// Waits; false at the end.
  bool read(Call& call) const { return ::read(ends_[0], &call, sizeof call) == sizeof call; }

 private:
  void close_end(size_t end) {
    if (ends_[end] >= 0) ::close(std::exchange(ends_[end], -1));
  }
  std::array<int, 2> ends_{};
};

/// Runs in a child that is killed once its roles got `calls` calls, and says what those were.
std::vector<Call> run_and_kill(const std::string& folder, int64_t calls) {
  Pipe pipe;
  const pid_t child = ::fork();
  if (child == 0) {
    TestRun test([&pipe](Stage stage, int64_t id, const CallContext&) { pipe.write({.stage = stage, .id = id}); });
    test.options.limit = kLimit;
    test.options.commit_seconds = 0.002;
    test.run(folder);
    std::_Exit(0);
  }
  pipe.close_writing();
  std::vector<Call> made;
  Call call{};
  while (static_cast<int64_t>(made.size()) < calls && pipe.read(call)) made.push_back(call);
  ::kill(child, SIGKILL);
  int state = 0;
  ::waitpid(child, &state, 0);
  while (pipe.read(call)) made.push_back(call);
  return made;
}

TEST(RunKill, LosesNothingAndMakesNothingTwice) {
  const ScratchFolder whole;
  TestRun uninterrupted;
  uninterrupted.options.limit = kLimit;
  const RunSummary expected = uninterrupted.run(whole.path());
  const int64_t calls_of_one_run = 3 * (expected.counts.items() - expected.counts.dropped_captions);

  RandomSource random(11);
  const ScratchFolder folder;
  constexpr int64_t kKills = 8;
  int64_t made = 0;
  for (int64_t kill = 0; kill < kKills; ++kill) {
    made += static_cast<int64_t>(run_and_kill(folder.path(), random.between(1, calls_of_one_run / kKills)).size());
  }
  std::atomic<int64_t> last_calls = 0;
  TestRun last([&](Stage, int64_t, const CallContext&) { ++last_calls; });
  last.options.limit = kLimit;
  const RunSummary summary = last.run(folder.path());

  EXPECT_EQ(outcome_of(folder.path()), outcome_of(whole.path()));
  EXPECT_EQ(summary.counts, expected.counts);
  EXPECT_FALSE(last.judge.remembered.empty()) << "the children should have come somewhere";
  EXPECT_TRUE(std::ranges::is_sorted(last.judge.remembered));
  // A kill costs what was not yet committed: the items on their way at most, of which there are 40.
  EXPECT_LE(made + last_calls, calls_of_one_run + kKills * 3 * (40 + 16));
}

TEST(RunKill, LeavesNoCallToBeMadeAgainOnceItIsCommitted) {
  const ScratchFolder folder;
  run_and_kill(folder.path(), 400);
  std::map<int64_t, Stage> committed;
  {
    SynthStore store = SynthStore::for_reading(folder.path());
    for (const StoredItem& row : store.read(ItemFilter::kAll, -1, 100'000)) committed[row.item.id] = row.stage;
  }
  ASSERT_GT(committed.size(), 20);
  for (const Call& call : run_and_kill(folder.path(), INT64_MAX)) {
    const auto known = committed.find(call.id);
    if (known == committed.end()) continue;
    EXPECT_GE(call.stage, known->second) << "item " << call.id;
  }
  EXPECT_GE(SynthStore::for_reading(folder.path()).counts().kept, kLimit);
}

}  // namespace
}  // namespace fusion
