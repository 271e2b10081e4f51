#pragma once
// What is wrong with a command line rather than with the files it names: exit code 2.

#include <algorithm>
#include <utility>

#include "foundation/core/error.h"

namespace fusion::app {

class UsageError : public Error {
 public:
  using Error::Error;
};

/// What `check` returns. The Error that it throws about the option `top_p` becomes a UsageError about `--top-p`.
template <class Check>
auto checked_flag(const Check& check) {
  try {
    return check();
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    std::replace(parts.who.begin(), parts.who.end(), '_', '-');
    parts.who.insert(0, "--");
    throw UsageError(std::move(parts));
  }
}

}  // namespace fusion::app
