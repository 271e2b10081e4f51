#include "foundation/config/run_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

TEST(RunLock, IsHeldByOne) {
  const ScratchFolder folder;
  {
    const RunLock held(folder.path());
    EXPECT_THAT(error_of([&] { RunLock{folder.path()}; }), HasSubstr("another program that works in this folder"));
  }
  const RunLock free(folder.path());
}

TEST(RunLock, NeedsTheFolder) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { RunLock{folder / "none"}; }), HasSubstr("to write into the run's folder"));
}

}  // namespace
}  // namespace fusion
