#include "foundation/config/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

TEST(OutputFile, ReplacesOnlyOnCommit) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.json", "old");
  {
    OutputFile file(path);
    file.write("new");
    EXPECT_EQ(read_text_file(path, 100), "old");
    file.commit();
    EXPECT_EQ(read_text_file(path, 100), "new");
  }
  EXPECT_EQ(read_text_file(path, 100), "new");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(OutputFile, LeavesNothingBehindWithoutCommit) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.json", "old");
  {
    OutputFile first(path);
    OutputFile second(path);
    first.write("half");
    OutputFile moved = std::move(first);
    moved.finish();
    EXPECT_EQ(read_text_file(path, 100), "old");
  }
  EXPECT_EQ(read_text_file(path, 100), "old");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(OutputFile, KeepsWhoMayReadTheFile) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.json", "old");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  write_text_file(path, "new");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

bool has_nameless_files(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_WRONLY | O_TMPFILE, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0;
}

TEST(OutputFile, AKilledProgramLeavesNothingBehind) {
  const ScratchFolder folder;
  if (!has_nameless_files(folder.path())) GTEST_SKIP() << "this file system has no files without a name";
  const std::string path = folder.put("a.json", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    OutputFile written(path);
    written.write("half");
    OutputFile finished(path);
    finished.write("whole");
    finished.finish();
    (void)::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(read_text_file(path, 100), "old");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(OutputFile, SeveralOfOnePathTakeTurns) {
  const ScratchFolder folder;
  const std::string path = folder / "a.json";
  OutputFile first(path);
  OutputFile second(path);
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(read_text_file(path, 100), "first");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(OutputFile, WhatCannotBeReplacedIsAnError) {
  const ScratchFolder folder;
  const std::string target = folder / "blocked";
  std::filesystem::create_directory(target);
  EXPECT_THAT(error_of([&] { write_text_file(target, "x"); }), HasSubstr("a file to replace"));
  EXPECT_EQ(folder.file_count(), 1u);
  EXPECT_THAT(error_of([&] { OutputFile("/dev/null").commit(); }), HasSubstr("got a device"));
  EXPECT_THAT(error_of([&] { write_text_file(folder / "none/a.json", "x"); }), HasSubstr("the folder exists"));
}

}  // namespace
}  // namespace fusion
