#include "workflows/inference/answer_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

[[noreturn]] void fail(const std::string& path, const char* expected, const char* hint) {
  throw Error({.who = path, .expected = expected, .got = std::generic_category().message(errno), .hint = hint});
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
  const std::string line = record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
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

/// A line without an end was being written when the program was killed: it is cut off.
void AnswerLog::read_earlier_lines() {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return;
  std::string text;
  int64_t whole = 0;
  while (std::getline(file, text) && !file.eof()) {
    whole = file.tellg();
    const auto record = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    const auto line = record.is_object() ? record.find("line") : record.end();
    if (!record.is_object() || line == record.end() || !line->is_number_unsigned()) {
      throw Error({.who = cat(path_, ", line ", lines_.size() + 1),
                   .expected = "an answer of an earlier run, an object with \"line\"",
                   .got = printable(text.substr(0, 60)),
                   .hint = "name another output file"});
    }
    lines_.insert(line->get<uint64_t>());
  }
  if (::truncate(path_.c_str(), whole) != 0) fail(path_, "to cut off its unfinished last line", "check the path");
}

}  // namespace fusion
