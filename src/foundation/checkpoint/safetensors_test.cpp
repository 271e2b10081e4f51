#include "foundation/checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fusion {
namespace {

TEST(Safetensors, ReadsEveryGoldenFile) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(FUSION_SOURCE_DIR "/parity/goldens")) {
    if (entry.path().extension() != ".safetensors") continue;
    const auto file = SafetensorsFile::open(entry.path().string());
    EXPECT_FALSE(file->tensors().empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 9u);
}

}  // namespace
}  // namespace fusion
