#include "workflows/evaluation/grading/grade_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "foundation/config/durable_append.h"
#include "foundation/config/json_file.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr const char* kHint = "free some space, or write elsewhere; the same command goes on";

/// The answer in a line that was written for the question; nothing where it was not.
std::optional<GradedAnswer> answer_in(const std::string& line, const ExamQuestion& question) {
  try {
    const nlohmann::json record = parse_json(line, "the line");
    const std::vector<std::pair<const char*, const std::string*>> asked = {
        {"id", &question.id}, {"image", &question.image}, {"question", &question.question}, {"truth", &question.truth}};
    for (const auto& [key, text] : asked) {
      if (record.value(key, "") != *text) return std::nullopt;
    }
    GradedAnswer answer{.text = record.at("answer"), .without_picture = record.at("without_picture")};
    answer.right = question.is_answered_by(answer.text);
    answer.right_without_picture = question.is_answered_by(answer.without_picture);
    return answer;
  } catch (const Error&) {
    return std::nullopt;  // cut short
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

GradeRecord::GradeRecord(const std::string& path, const nlohmann::json& about, std::span<const ExamQuestion> questions)
    : path_(path), part_(path + ".part"), questions_(questions) {
  nlohmann::json head = about;
  head["questions"] = questions.size();
  read_earlier(head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  descriptor_ = ::open(part_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) fail("to open it for writing");
}

GradeRecord::~GradeRecord() {
  ::close(descriptor_);
}

void GradeRecord::read_earlier(const std::string& head) {
  std::ifstream file(part_, std::ios::binary);
  std::string line;
  if (!std::getline(file, line) || file.eof()) return write_text_file(part_, head);  // none, or cut short
  if (line + "\n" != head) {
    throw Error({.who = part_,
                 .expected = "what an earlier, interrupted run of this grade left",
                 .got = "that of another model, test or setting",
                 .hint = "give it to the command that began it, remove it, or name another file"});
  }
  size_t whole = head.size();
  while (answered_ < questions_.size() && std::getline(file, line) && !file.eof()) {
    const auto answer = answer_in(line, questions_[answered_]);
    if (!answer) break;
    earlier_.push_back(*answer);
    ++answered_;
    whole += line.size() + 1;
  }
  if (::truncate(part_.c_str(), static_cast<off_t>(whole)) != 0) fail("to cut off its unfinished last line");
}

void GradeRecord::fail(const char* expected) const {
  throw Error({.who = part_, .expected = expected, .got = std::generic_category().message(errno), .hint = kHint});
}

std::string GradeRecord::line_of(size_t question, const GradedAnswer& answer) const {
  const ExamQuestion& asked = questions_[question];
  const nlohmann::ordered_json line = {{"id", asked.id},        {"kind", asked.kind},
                                       {"image", asked.image},  {"question", asked.question},
                                       {"truth", asked.truth},  {"answer", answer.text},
                                       {"right", answer.right}, {"without_picture", answer.without_picture}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void GradeRecord::append(std::span<const GradedAnswer> answers) {
  std::string text;
  for (const GradedAnswer& answer : answers) text += line_of(answered_++, answer);
  append_durably(descriptor_, text, part_, kHint);
}

void GradeRecord::finish(std::span<const GradedAnswer> answers) {
  std::string text;
  for (size_t i = 0; i < answers.size(); ++i) text += line_of(i, answers[i]);
  write_text_file(path_, text);
  std::error_code code;
  std::filesystem::remove(part_, code);
}

}  // namespace fusion
