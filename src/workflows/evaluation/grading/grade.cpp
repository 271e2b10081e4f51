#include "workflows/evaluation/grading/grade.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "foundation/core/error.h"
#include "pipeline/preprocess/decode.h"

namespace fusion {

namespace {

constexpr uint8_t kGrey = 128;

std::shared_ptr<const Picture> grey_like(const Picture& picture) {
  Picture grey = Picture::blank(picture.width, picture.height, PixelMode::kRgb);
  std::ranges::fill(grey.pixels, kGrey);
  return std::make_shared<const Picture>(std::move(grey));
}

class Grader {
 public:
  Grader(const Assistant& assistant, std::span<const ExamQuestion> questions, const GradeOptions& options,
         const GradeListener& listener)
      : assistant_(assistant), questions_(questions), options_(options), listener_(listener) {}

  GradeReport grade() {
    report_.answers = options_.earlier;
    const auto step = static_cast<size_t>(options_.batch_size);
    for (size_t begin = report_.answers.size(); begin < questions_.size(); begin += step) {
      if (listener_.cancelled && listener_.cancelled()) break;
      if (!answer_from(begin, std::min(begin + step, questions_.size()))) break;
      if (listener_.on_progress) listener_.on_progress(report_.answers.size(), questions_.size());
    }
    report_.cancelled = report_.answers.size() < questions_.size();
    count();
    return std::move(report_);
  }

 private:
  /// False where the caller cancelled it.
  bool answer_from(size_t begin, size_t end) {
    std::vector<Question> asked;
    for (size_t i = begin; i < end; ++i) asked.push_back(question_of(questions_[i]));
    std::vector<GradedAnswer> graded(asked.size());
    const bool seen = answer(asked, [&](size_t i, std::string text) {
      graded[i].right = questions_[begin + i].is_answered_by(text);
      graded[i].text = std::move(text);
    });
    if (!seen) return false;
    if (options_.with_blank_picture) {
      for (Question& each : asked) each.pictures = {grey_like(*each.pictures[0])};
      const bool guessed = answer(asked, [&](size_t i, std::string text) {
        graded[i].right_without_picture = questions_[begin + i].is_answered_by(text);
        graded[i].without_picture = std::move(text);
      });
      if (!guessed) return false;
    }
    if (listener_.on_answers) listener_.on_answers(graded);
    std::ranges::move(graded, std::back_inserter(report_.answers));
    return true;
  }

  template <class Take>
  bool answer(std::span<const Question> asked, const Take& take) {
    std::vector<Answer> answers = assistant_.answer_all(asked, {.cancelled = listener_.cancelled});
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].generation.stop_reason == StopReason::kCancelled) return false;
      take(i, std::move(answers[i].text));
    }
    return true;
  }

  Question question_of(const ExamQuestion& exam) {
    if (exam.image != picture_name_) {
      picture_ = std::make_shared<const Picture>(
          load_picture((std::filesystem::path(options_.picture_folder) / exam.image).string()));
      picture_name_ = exam.image;
    }
    Question question = options_.blank;
    question.turns = single_question(exam.question, /*has_picture=*/true);
    question.pictures = {picture_};
    return question;
  }

  void count() {
    const auto answered = questions_.first(report_.answers.size());
    const std::vector<bool> guesses = guess_without_picture(answered);
    for (size_t i = 0; i < answered.size(); ++i) {
      const GradedAnswer& answer = report_.answers[i];
      for (KindScore* score : {&report_.kinds[answered[i].kind], &report_.all}) {
        score->model.add(answer.right);
        score->guess.add(guesses[i]);
        if (options_.with_blank_picture) score->blank_picture.add(answer.right_without_picture);
      }
    }
  }

  const Assistant& assistant_;
  std::span<const ExamQuestion> questions_;
  const GradeOptions& options_;
  const GradeListener& listener_;
  GradeReport report_;
  // Questions about one picture stand together.
  std::string picture_name_;
  std::shared_ptr<const Picture> picture_;
};

}  // namespace

GradeReport grade(const Assistant& assistant, std::span<const ExamQuestion> questions, const GradeOptions& options,
                  const GradeListener& listener) {
  if (!assistant.sees()) {
    throw Error({.who = "the model",
                 .expected = "one that looks at pictures",
                 .got = "a plain language model without a vision tower"});
  }
  return Grader(assistant, questions, options, listener).grade();
}

}  // namespace fusion
