#include "workflows/training/run_log/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/training/run_log/crc32c.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

double new_year() {
  return 1767225600.5;
}

std::string hex(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[c & 0xF];
  }
  return text;
}

/// The data of each TFRecord of a file, lengths checked and sums compared.
std::vector<std::string> records_of(const std::string& path) {
  const std::string file = read_text_file(path, 1 << 20);
  const auto number = [&](size_t at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(file.at(at + i));
    return value;
  };
  std::vector<std::string> records;
  for (size_t at = 0; at < file.size();) {
    const size_t length = number(at, 8);
    EXPECT_EQ(number(at + 8, 4), masked_crc32c(file.substr(at, 8)));
    records.push_back(file.substr(at + 12, length));
    EXPECT_EQ(number(at + 12 + length, 4), masked_crc32c(records.back()));
    at += 16 + length;
  }
  return records;
}

TEST(Crc32c, KnownSums) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283);
  EXPECT_EQ(crc32c(""), 0u);
  // RFC 3720, B.4: 32 zeros, 32 ones, 0 to 31.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AA);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43);
  std::string counting;
  for (char c = 0; c < 32; ++c) counting += c;
  EXPECT_EQ(crc32c(counting), 0x46DD794E);
}

TEST(TensorBoard, WritesKnownBytes) {
  const ScratchFolder folder;
  TensorBoardLog board(folder.path(), 0, new_year);
  board.scalar("loss", 300, 0.5);
  EXPECT_THAT(board.path(), EndsWith("/events.out.tfevents.1767225600.fusion"));
  // Made by pip's tensorboard 2.21: data = Event(wall_time=1767225600.5, ...).SerializeToString() with
  // file_version="brain.Event:2", and with step=300 and Summary.Value(tag="loss", simple_value=0.5); around each
  // struct.pack("<Q", len(data)) and masked_crc32c() of its pywrap_tensorflow.
  EXPECT_EQ(hex(read_text_file(board.path(), 1000)),
            "1800000000000000a37f4b2209000020406e55da411a0d627261696e2e4576656e743a3284ffcb71"
            "1b000000000000001a0d9e1309000020406e55da4110ac022a0d0a0b0a046c6f7373150000003f6e5a07a0");
}

TEST(TensorBoard, NamesTheMetrics) {
  const ScratchFolder folder;
  TensorBoardLog board(folder.path(), 0, new_year);
  board.add(StepMetrics{.step = 1, .grad_norm = 2.0, .tokens = 100, .seconds = 0.5, .memory_bytes = 7});
  board.add(StepMetrics{.step = 2});
  board.add(ValidationMetrics{.step = 2, .exact_match = 0.25});
  const auto records = records_of(board.path());
  ASSERT_THAT(records, SizeIs(4));
  for (const char* tag : {"train/loss", "train/loss_cos_vision", "train/grad_norm", "train/tokens_per_second"}) {
    EXPECT_THAT(records[1], HasSubstr(tag));
  }
  EXPECT_THAT(records[1], HasSubstr(std::string("train/tokens_per_second\x15\0\0\x48\x43", 28)));  // 200
  EXPECT_THAT(records[1], Not(HasSubstr("train/step")));
  EXPECT_THAT(records[1], Not(HasSubstr("loss_cos_instruct")));
  EXPECT_THAT(records[2], Not(HasSubstr("per_second")));
  EXPECT_THAT(records[3], HasSubstr("validation/exact_match"));
}

TEST(TensorBoard, TextIsAStringTensor) {
  const ScratchFolder folder;
  TensorBoardLog board(folder.path(), 0, new_year);
  const std::string words(300, 'w');
  board.text("answers", 1, words);
  EXPECT_THAT(records_of(board.path()).at(1), EndsWith(cat("\x42\xAC\x02", words)));
  EXPECT_THAT(hex(records_of(board.path()).at(1)),
              HasSubstr(hex("answers") + "4a0a" + "0a060a04" + hex("text") + "2002"));
}

TEST(TensorBoard, AResumedRunHasAFileBehindTheOthersThatPurges) {
  const ScratchFolder folder;
  const TensorBoardLog first(folder.path(), 0, new_year);
  const TensorBoardLog second(folder.path(), 40, new_year);
  EXPECT_LT(first.path(), second.path());
  const auto records = records_of(second.path());
  ASSERT_THAT(records, SizeIs(2));
  // As above: Event(wall_time, step=41, session_log=SessionLog(status=SessionLog.START)).
  EXPECT_EQ(hex(records[1]), "09000020406e55da4110293a020801");
  EXPECT_THAT(records_of(first.path()), SizeIs(1));
}

TEST(TensorBoard, ClocksMayBeSetBack) {
  const ScratchFolder folder;
  std::vector<std::string> paths;
  for (int i = 0; i < 12; ++i) paths.push_back(TensorBoardLog(folder.path(), 0, [i] { return 1e9 - i; }).path());
  EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
  folder.put("events.out.tfevents.something", "");
  EXPECT_THAT(TensorBoardLog(folder.path(), 0, [] { return 1e300; }).path(), HasSubstr("tfevents.9999999999."));
}

TEST(TensorBoard, AFullDiskIsAnErrorAndLeavesWholeRecords) {
  const ScratchFolder folder;
  TensorBoardLog board(folder.path(), 0, new_year);
  board.scalar("loss", 1, 1);
  {
    const FileSizeLimit limit(std::filesystem::file_size(board.path()) + 10);
    EXPECT_THAT(error_of([&] { board.scalar("loss", 2, 1); }), HasSubstr("the disk is full"));
  }
  EXPECT_THAT(records_of(board.path()), SizeIs(2));
  EXPECT_THAT(error_of([&] { const TensorBoardLog none(folder / "none", 0); }), HasSubstr("the folder exists"));
}

}  // namespace
}  // namespace fusion
