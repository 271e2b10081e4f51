#include "workflows/evaluation/grading/grade_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class GradeRecordTest : public testing::Test {
 protected:
  GradeRecordTest() {
    for (const char* id : {"1", "2", "3"}) {
      questions_.push_back(
          {.id = id, .kind = "Color", .image = "a.png", .question = "What color?", .answer = "Red.", .truth = "red"});
    }
  }

  /// Two answers of three, and the program ends.
  void begin() {
    GradeRecord record(path_, about_, questions_);
    EXPECT_TRUE(record.earlier().empty());
    record.append(std::vector<GradedAnswer>{red(), {.text = "blue", .without_picture = "red"}});
  }

  static GradedAnswer red() { return {.text = "red", .right = true, .without_picture = "grey"}; }

  ScratchFolder folder_;
  std::string path_ = folder_ / "answers.jsonl";
  std::string part_ = path_ + ".part";
  nlohmann::json about_ = {{"model", "nano"}};
  std::vector<ExamQuestion> questions_;
};

TEST_F(GradeRecordTest, GoesOnBehindWhatWasAnswered) {
  begin();
  EXPECT_FALSE(std::filesystem::exists(path_));
  GradeRecord record(path_, about_, questions_);
  ASSERT_EQ(record.earlier().size(), 2U);
  EXPECT_EQ(record.earlier()[0].text, "red");
  EXPECT_TRUE(record.earlier()[0].right);
  EXPECT_FALSE(record.earlier()[1].right);
  EXPECT_TRUE(record.earlier()[1].right_without_picture);
  record.append(std::vector{red()});
  std::vector<GradedAnswer> all = record.earlier();
  all.push_back(red());
  record.finish(all);
  EXPECT_FALSE(std::filesystem::exists(part_));
  std::ifstream lines(path_);
  for (const ExamQuestion& question : questions_) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(nlohmann::json::parse(line).at("id"), question.id);
  }
}

TEST_F(GradeRecordTest, ALineThatWasCutShortIsAskedAgain) {
  begin();
  std::ofstream(part_, std::ios::app) << R"({"id": "3", "question")";
  const GradeRecord record(path_, about_, questions_);
  EXPECT_EQ(record.earlier().size(), 2U);
  EXPECT_EQ(read_text_file(part_, 1 << 20).back(), '\n');
}

TEST_F(GradeRecordTest, WhatAnotherGradeLeftIsNotLost) {
  begin();
  const std::string before = read_text_file(part_, 1 << 20);
  EXPECT_THAT(error_of([&] { GradeRecord(path_, {{"model", "mine"}}, questions_); }),
              AllOf(HasSubstr(part_), HasSubstr("that of another model")));
  EXPECT_THAT(error_of([&] { GradeRecord(path_, about_, std::span(questions_).first(1)); }), HasSubstr(part_));
  EXPECT_EQ(read_text_file(part_, 1 << 20), before);
}

TEST_F(GradeRecordTest, OtherQuestionsEndWhatIsTaken) {
  begin();
  questions_[1].truth = "blue";
  const GradeRecord record(path_, about_, questions_);
  EXPECT_EQ(record.earlier().size(), 1U);
}

TEST_F(GradeRecordTest, WhereNothingCanBeWrittenIsToldAtOnce) {
  EXPECT_THAT(error_of([&] { GradeRecord(folder_ / "none/a.jsonl", about_, questions_); }), HasSubstr("none/a.jsonl"));
}

}  // namespace
}  // namespace fusion
