#include "foundation/config/durable_append.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "foundation/core/error.h"

namespace fusion {

void append_durably(int descriptor, std::string_view text, const std::string& path, const char* hint) {
  const auto fail = [&](const char* expected) {
    throw Error({.who = path, .expected = expected, .got = std::generic_category().message(errno), .hint = hint});
  };
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("to write an answer");
    text.remove_prefix(static_cast<size_t>(count));
  }
  // Pipes and terminals have nothing to sync, and say so.
  if (::fdatasync(descriptor) != 0 && errno != EINVAL && errno != EROFS) fail("to write an answer to the disk");
}

}  // namespace fusion
