#include "foundation/config/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    const OutputFile moved = std::move(first);
    EXPECT_EQ(folder.file_count(), 3u);
  }
  EXPECT_EQ(read_text_file(path, 100), "old");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(OutputFile, WhatCannotBeReplacedIsAnError) {
  const ScratchFolder folder;
  const std::string target = folder / "blocked";
  std::filesystem::create_directory(target);
  EXPECT_THAT(error_of([&] { write_text_file(target, "x"); }), HasSubstr("to rename it into place"));
  EXPECT_EQ(folder.file_count(), 1u);
  EXPECT_THAT(error_of([&] { write_text_file(folder / "none/a.json", "x"); }), HasSubstr("the folder exists"));
}

}  // namespace
}  // namespace fusion
