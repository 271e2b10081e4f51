#include "workflows/synthesis/endpoints/json_reply.h"

#include <optional>
#include <string>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

constexpr JsonLimits kReplyLimits = {.max_bytes = 256 << 10, .max_depth = 16, .max_values = 20'000};

[[noreturn]] void refuse(std::string got) {
  throw Error({.who = "the reply", .expected = "one JSON object and nothing else", .got = std::move(got)});
}

/// Copies one object, from its brace to the one that closes it, and mends what needs no guessing.
class Mender {
 public:
  explicit Mender(std::string_view rest) : rest_(rest) {}

  /// The mended object, or nothing where `rest` ends before it does.
  std::optional<std::string> object() {
    int64_t depth = 0;
    while (at_ < rest_.size()) {
      const char c = rest_[at_++];
      if (c == '"') {
        if (!string()) return std::nullopt;
        continue;
      }
      if (c == '}' || c == ']') drop_comma();
      mended_ += c;
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth == 0) return std::move(mended_);
    }
    return std::nullopt;
  }

  size_t taken() const { return at_; }

 private:
  bool string() {
    mended_ += '"';
    while (at_ < rest_.size()) {
      const char c = rest_[at_++];
      if (c == '\n') {
        mended_ += "\\n";
      } else if (static_cast<unsigned char>(c) < ' ') {
        mended_ += ' ';
      } else {
        mended_ += c;
      }
      if (c == '"') return true;
      if (c == '\\' && at_ < rest_.size()) mended_ += rest_[at_++];
    }
    return false;
  }

  void drop_comma() {
    const size_t last = mended_.find_last_not_of(" \t\r\n");
    if (last != std::string::npos && mended_[last] == ',') mended_.erase(last);
  }

  std::string_view rest_;
  size_t at_ = 0;
  std::string mended_;
};

std::string_view behind_thoughts(std::string_view reply) {
  constexpr std::string_view kEnd = "</think>";
  const size_t end = reply.rfind(kEnd);
  return end == std::string_view::npos ? reply : reply.substr(end + kEnd.size());
}

}  // namespace

nlohmann::json json_of_reply(std::string_view reply) {
  if (reply.size() > kReplyLimits.max_bytes) refuse("one that is far too long");
  std::string_view rest = behind_thoughts(reply);
  std::string problem = reply.empty() ? "nothing" : cat("no object in \"", printable(rest), '"');
  for (size_t begin = rest.find('{'); begin != std::string_view::npos; begin = rest.find('{')) {
    rest.remove_prefix(begin);
    Mender mender(rest);
    const std::optional<std::string> object = mender.object();
    if (!object) refuse("an object that breaks off before its end");
    try {
      return parse_json(*object, "JSON", kReplyLimits);
    } catch (const Error& error) {
      problem = error.what();
    }
    rest.remove_prefix(mender.taken());
  }
  refuse(problem);
}

}  // namespace fusion
