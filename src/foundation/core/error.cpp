#include "foundation/core/error.h"

#include <utility>

namespace fusion {

namespace {

std::string message_of(const ErrorParts& parts) {
  std::string text = parts.who;
  if (!parts.expected.empty()) text += (text.empty() ? "expected " : ": expected ") + parts.expected;
  if (!parts.got.empty()) text += (parts.expected.empty() ? ": got " : ", got ") + parts.got;
  if (!parts.cause.empty()) text += " (" + parts.cause + ")";
  if (!parts.hint.empty()) text += "; " + parts.hint;
  return text;
}

}  // namespace

Error::Error(ErrorParts parts) : std::runtime_error(message_of(parts)), parts_(std::move(parts)) {}

}  // namespace fusion
