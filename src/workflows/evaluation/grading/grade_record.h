#pragma once
// The answers of a grade on the disk while it is under way: what was answered is not asked again.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "workflows/evaluation/grading/grade.h"
#include "workflows/evaluation/scoring/question_set.h"

namespace fusion {

/// FILE.part while the grade is under way, one line for what is graded and one for each answer; FILE at its end.
class GradeRecord {
 public:
  /// \param about  all that the answers depend on but the questions
  /// Throws Error where FILE.part is that of another grade, and where it cannot be written.
  GradeRecord(const std::string& path, const nlohmann::json& about, std::span<const ExamQuestion> questions);
  ~GradeRecord();
  GradeRecord(const GradeRecord&) = delete;
  GradeRecord& operator=(const GradeRecord&) = delete;

  /// Of the first questions, from an earlier run of the same grade.
  const std::vector<GradedAnswer>& earlier() const { return earlier_; }
  /// The answers to the questions behind those that it has. Throws Error where the disk is full.
  void append(std::span<const GradedAnswer> answers);
  /// Puts all answers in the place of FILE, in which there is one line for each question.
  void finish(std::span<const GradedAnswer> answers);

 private:
  void read_earlier(const std::string& head);
  [[noreturn]] void fail(const char* expected) const;
  std::string line_of(size_t question, const GradedAnswer& answer) const;

  std::string path_;
  std::string part_;
  std::span<const ExamQuestion> questions_;
  std::vector<GradedAnswer> earlier_;
  size_t answered_ = 0;
  int descriptor_ = -1;
};

}  // namespace fusion
