#include "workflows/evaluation/grading/grade.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/assembly/init_checkpoint.h"

namespace fusion {
namespace {

using testing::HasSubstr;

/// A model with random weights and a picture: its answers mean nothing, but they are always the same.
class GradeTest : public testing::Test {
 protected:
  GradeTest() {
    init_checkpoint(find_preset("nano"), folder_ / "nano", {.seed = 5});
    std::filesystem::copy_file(std::string(FUSION_SOURCE_DIR) + "/parity/goldens/n_conversation/picture.png",
                               folder_ / "a.png");
    assistant_ = std::make_unique<Assistant>(folder_ / "nano", AssistantOptions{});
    options_.picture_folder = folder_.path();
    options_.blank.query_len = 4;
    options_.blank.generation.max_new_tokens = 6;
  }

  std::string answer_to(const std::string& words) const {
    Question question = options_.blank;
    question.turns = single_question(words, true);
    question.pictures = {std::make_shared<const Picture>(load_picture(folder_ / "a.png"))};
    return assistant_->answer(question).text;
  }

  static ExamQuestion exam(const std::string& words, const std::string& truth, const std::string& kind) {
    return {.id = words, .kind = kind, .image = "a.png", .question = words, .answer = truth, .truth = truth};
  }

  ScratchFolder folder_;
  std::unique_ptr<Assistant> assistant_;
  GradeOptions options_;
};

TEST_F(GradeTest, CountsWhatTheModelSaysByKind) {
  const std::vector<ExamQuestion> questions = {exam("What is it?", answer_to("What is it?"), "Scene"),
                                               exam("How many?", "surely not", "Count"),
                                               exam("Where?", answer_to("Where?"), "Scene")};
  for (const int64_t batch : {1, 2, 16}) {
    options_.batch_size = batch;
    const GradeReport report = grade(*assistant_, questions, options_);
    EXPECT_EQ(report.kinds.at("Scene").model, (Score{.right = 2, .total = 2}));
    EXPECT_EQ(report.kinds.at("Count").model, (Score{.right = 0, .total = 1}));
    EXPECT_EQ(report.all.model, (Score{.right = 2, .total = 3}));
    EXPECT_EQ(report.all.blank_picture.total, 3);
    EXPECT_FALSE(report.cancelled);
    EXPECT_EQ(report.answers[1].text, answer_to("How many?"));
  }
}

TEST_F(GradeTest, AsksAboutAGreyPictureOnlyWhereItShould) {
  options_.with_blank_picture = false;
  const GradeReport report = grade(*assistant_, std::vector{exam("What is it?", "a cat", "Scene")}, options_);
  EXPECT_EQ(report.all.blank_picture.total, 0);
  EXPECT_FALSE(grade_json(report)["all"].contains("blank_picture"));
}

TEST_F(GradeTest, TellsOfItselfInJsonAndInWords) {
  const std::vector<ExamQuestion> questions = {exam("What is it?", answer_to("What is it?"), "Scene"),
                                               exam("How many?", "surely not", "Count")};
  const GradeReport report = grade(*assistant_, questions, options_);
  const auto json = grade_json(report);
  EXPECT_DOUBLE_EQ(json["overall"].get<double>(), 0.5);
  EXPECT_DOUBLE_EQ(json["kinds"]["Scene"]["model"]["accuracy"].get<double>(), 1);
  EXPECT_EQ(json["kinds"]["Count"]["model"]["total"].get<int64_t>(), 1);
  EXPECT_THAT(grade_text(report), HasSubstr("Scene"));
  EXPECT_THAT(grade_text(report), HasSubstr("50.0 %"));
}

TEST_F(GradeTest, EndsWhenItIsCancelled) {
  int64_t asked = 0;
  const GradeReport report = grade(*assistant_, std::vector(5, exam("What is it?", "a cat", "Scene")), options_,
                                   {.cancelled = [&] { return ++asked > 1; }});
  EXPECT_TRUE(report.cancelled);
  EXPECT_LT(report.answers.size(), 5U);
}

TEST_F(GradeTest, APathOfAPictureMayBeWhole) {
  ExamQuestion question = exam("What is it?", "a cat", "Scene");
  question.image = folder_ / "a.png";
  EXPECT_EQ(grade(*assistant_, std::vector{question}, options_).answers.size(), 1U);
}

TEST_F(GradeTest, AMissingPictureIsAnError) {
  ExamQuestion lost = exam("What is it?", "a cat", "Scene");
  lost.image = "lost.png";
  EXPECT_THROW(grade(*assistant_, std::vector{lost}, options_), Error);
}

}  // namespace
}  // namespace fusion
