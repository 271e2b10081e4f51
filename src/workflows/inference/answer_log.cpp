#include "workflows/inference/answer_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

[[noreturn]] void fail(const std::string& path, const char* expected, const char* hint) {
  throw Error({.who = path, .expected = expected, .got = std::generic_category().message(errno), .hint = hint});
}

/// The input line that a record answers; nothing where the text is no such record.
std::optional<uint64_t> answered_line(const std::string& text) {
  try {
    const nlohmann::json record = parse_json(text, "the line");
    if (!record.is_object()) return std::nullopt;
    const auto line = record.find("line");
    if (line != record.end() && line->is_number_unsigned()) return line->get<uint64_t>();
  } catch (const Error&) {
    // Not a whole record.
  }
  return std::nullopt;
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
  for (size_t written = 0; written < line.size();) {
    const ssize_t count = ::write(descriptor_, line.data() + written, line.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path_, "to write an answer", "free some space and run again with --resume");
    written += static_cast<size_t>(count);
  }
  // Pipes and terminals have nothing to sync, and say so.
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) {
    fail(path_, "to write an answer to the disk", "free some space and run again with --resume");
  }
}

/// What stands behind the last line end was being written when the program was killed: it is cut off.
void AnswerLog::read_earlier_lines() {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return;
  int64_t whole = 0;
  std::string text;
  while (std::getline(file, text)) {
    const bool ended = !file.eof();
    const auto line = answered_line(text);
    if (line) lines_.insert(*line);
    if (!line && (ended || !may_be_cut_short(text))) {
      throw Error({.who = cat(path_, ", line ", lines_.size() + 1),
                   .expected = "an answer of an earlier run, an object with \"line\"",
                   .got = printable(text.substr(0, 60)),
                   .hint = "name another output file"});
    }
    if (line) whole += std::ssize(text) + (ended ? 1 : 0);
    unended_ = line && !ended;
  }
  if (::truncate(path_.c_str(), whole) != 0) fail(path_, "to cut off its unfinished last line", "check the path");
}

}  // namespace fusion
