#pragma once
// Answers of a batch on their way to a file: one JSON object a line, each durable before the next is asked for.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace fusion {

/// What to do with an output file that is there already.
enum class ExistingLog {
  kRefuse,
  kResume,   ///< go on behind its last whole line; what failed is dropped, to be tried again
  kReplace,  ///< begin anew
};

/// Every line has a "line": the number of the input line it answers, from 1 on.
class AnswerLog {
 public:
  /// \param path  "-" is standard output, which cannot be resumed
  /// Throws Error where the file is there and may not be, where it is not of this form, and where it cannot be written.
  AnswerLog(const std::string& path, ExistingLog existing);
  ~AnswerLog();
  AnswerLog(const AnswerLog&) = delete;
  AnswerLog& operator=(const AnswerLog&) = delete;

  /// Whether an earlier run has answered this input line.
  bool holds(uint64_t line) const { return lines_.contains(line); }

  /// Appends a record. Broken UTF-8 in it is replaced. Throws Error where the disk is full; the lines before stay
  /// whole.
  void append(const nlohmann::json& record);

 private:
  void read_earlier_lines();
  void drop_failed_lines();

  std::string path_;
  int descriptor_ = -1;
  std::set<uint64_t> lines_;
  bool unended_ = false;  // the last earlier line lacks its end
};

}  // namespace fusion
