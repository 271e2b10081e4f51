#pragma once
// The one exception type of the library.
//
// Policy: bad input (a file, a flag, a tensor from outside) throws fusion::Error; a broken promise between our own
// functions is an assert; nothing aborts and nothing prints. Every message answers: who, expected, got, likely cause,
// what to do.

#include <stdexcept>
#include <string>

namespace fusion {

/// What an error says. Empty fields are left out of the message.
struct ErrorParts {
  std::string who = {};       ///< the file, flag, tensor or function the error is about
  std::string expected = {};  ///< what would have been right
  std::string got = {};       ///< what was there instead
  std::string cause = {};     ///< the likely reason
  std::string hint = {};      ///< what to do about it
};

/// One line: "WHO: expected EXPECTED, got GOT (CAUSE); HINT".
///
///     throw Error({.who = path, .expected = "a JPEG, PNG or WebP picture", .got = "text", .hint = "check the path"});
class Error : public std::runtime_error {
 public:
  explicit Error(ErrorParts parts);

  const ErrorParts& parts() const { return parts_; }

 private:
  ErrorParts parts_;
};

}  // namespace fusion
