#include "workflows/inference/memory_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "foundation/config/test_support.h"
#include "workflows/inference/machine.h"

namespace fusion {
namespace {

/// A tree of control groups.
class ControlGroups {
 public:
  void put(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ / file).parent_path());
    folder_.put(file, text);
  }
  uint64_t limit_for(const std::string& membership) const {
    return control_group_limit(folder_.put("membership", membership), folder_.path());
  }

 private:
  ScratchFolder folder_;
};

TEST(ControlGroupLimit, OfVersion2IsTheLeastOfTheGroupAndThoseAroundIt) {
  const ControlGroups groups;
  groups.put("a/b/memory.max", "max\n");
  groups.put("a/memory.max", "2000\n");
  EXPECT_EQ(groups.limit_for("0::/a/b\n"), 2000U);
  groups.put("a/b/memory.max", "1000\n");
  EXPECT_EQ(groups.limit_for("0::/a/b\n"), 1000U);
  EXPECT_EQ(groups.limit_for("0::/a\n"), 2000U);
  EXPECT_EQ(groups.limit_for("0::/\n"), kUnlimited);
}

TEST(ControlGroupLimit, OfVersion1IsThatOfTheMemoryController) {
  const ControlGroups groups;
  groups.put("memory/memory.limit_in_bytes", "3000\n");
  groups.put("memory/job/memory.limit_in_bytes", "1500\n");
  groups.put("memory/other/memory.limit_in_bytes", "10\n");
  EXPECT_EQ(groups.limit_for("5:cpu,memory:/job\n4:pids:/other\n0::/\n"), 1500U);
  // A container that sees the host's names of its groups, but its own group at their root.
  EXPECT_EQ(groups.limit_for("4:memory:/host/6a2e0a\n"), 3000U);
  EXPECT_EQ(groups.limit_for("4:memoryless:/job\n"), kUnlimited);
}

TEST(ControlGroupLimit, StaysBelowItsMountAndTakesNothingForAnythingElse) {
  const ControlGroups groups;
  groups.put("memory.max", "700\n");
  EXPECT_EQ(groups.limit_for("0::/../../etc\n"), 700U);
  groups.put("memory.max", "-1\n");
  EXPECT_EQ(groups.limit_for("0::/\n"), kUnlimited);
  EXPECT_EQ(groups.limit_for("no line of this form\n0:\n\n"), kUnlimited);
  EXPECT_EQ(control_group_limit("/none", "/none"), kUnlimited);
}

TEST(MemoryForThisProcess, IsNoMoreThanItsAddressSpaceMayBe) {
  const uint64_t before = memory_for_this_process();
  EXPECT_GT(before, 0U);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &old), 0);
  const rlimit limit{.rlim_cur = before - 4096, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
  EXPECT_EQ(describe_machine().memory, before - 4096);
  ::setrlimit(RLIMIT_AS, &old);
}

}  // namespace
}  // namespace fusion
