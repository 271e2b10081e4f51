#include "workflows/inference/answer_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
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

[[noreturn]] void fail(const std::string& path, const char* expected, const char* hint) {
  throw Error({.who = path, .expected = expected, .got = std::generic_category().message(errno), .hint = hint});
}

struct EarlierRecord {
  uint64_t line = 0;    // of the input
  bool failed = false;  // it has an error where an answer would be
};

/// Nothing where the text is no such record.
std::optional<EarlierRecord> earlier_record(const std::string& text) {
  try {
    const nlohmann::json record = parse_json(text, "the line");
    if (!record.is_object()) return std::nullopt;
    const auto line = record.find("line");
    if (line == record.end() || !line->is_number_unsigned()) return std::nullopt;
    return EarlierRecord{.line = line->get<uint64_t>(),
                         .failed = record.contains("error") && !record.contains("new_tokens")};
  } catch (const Error&) {
    return std::nullopt;  // not a whole record
  }
}

/// Whether the text may be the beginning of a record: one that is whole JSON of another kind may not.
bool may_be_cut_short(const std::string& text) {
  return text == "{" || (text.starts_with("{\"") && !text.ends_with('}'));
}

}  // namespace

AnswerLog::AnswerLog(const std::string& path, ExistingLog existing) : path_(path) {
  if (path == "-") {
    path_ = "standard output";
    descriptor_ = ::dup(STDOUT_FILENO);
  } else {
    if (existing == ExistingLog::kResume) read_earlier_lines();
    const int mode = existing == ExistingLog::kRefuse ? O_EXCL : existing == ExistingLog::kReplace ? O_TRUNC : 0;
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | mode, 0666);
  }
  if (descriptor_ >= 0) return;
  if (errno == EEXIST) {
    fail(path_, "a new file to write answers to", "--resume goes on where it ends, --force begins anew");
  }
  fail(path_, "to open it for writing", "check the path");
}

AnswerLog::~AnswerLog() {
  ::close(descriptor_);
}

void AnswerLog::append(const nlohmann::json& record) {
  const std::string line = cat(std::exchange(unended_, false) ? "\n" : "",
                               record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "\n");
  append_durably(descriptor_, line, path_, "free some space and run again with --resume");
}

/// What stands behind the last line end was being written when the program was killed: it is cut off.
void AnswerLog::read_earlier_lines() {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return;
  int64_t whole = 0;
  uint64_t number = 0;
  bool any_failed = false;
  std::string text;
  while (std::getline(file, text)) {
    ++number;
    const bool ended = !file.eof();
    const auto record = earlier_record(text);
    if (!record && (ended || !may_be_cut_short(text))) {
      throw Error({.who = cat(path_, ", line ", number),
                   .expected = "an answer of an earlier run, an object with \"line\"",
                   .got = printable(text),
                   .hint = "name another output file"});
    }
    if (record) whole += std::ssize(text) + (ended ? 1 : 0);
    if (record && !record->failed) lines_.insert(record->line);
    any_failed = any_failed || (record && record->failed);
    unended_ = record && !ended;
  }
  if (::truncate(path_.c_str(), whole) != 0) fail(path_, "to cut off its unfinished last line", "check the path");
  if (any_failed) drop_failed_lines();
}

/// The file is replaced at once: a program that is killed meanwhile leaves the old one.
void AnswerLog::drop_failed_lines() {
  std::ifstream file(path_, std::ios::binary);
  OutputFile kept(std::filesystem::canonical(path_).string());
  std::string text;
  while (std::getline(file, text)) {
    const auto record = earlier_record(text);
    if (record && !record->failed) kept.write(text + "\n");
  }
  kept.commit();
  unended_ = false;
}

}  // namespace fusion
