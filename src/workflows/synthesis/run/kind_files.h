#pragma once
// The built-in kinds as files that a user can edit.

#include <cstdint>
#include <string>

namespace fusion {

/// Writes the definitions of the built-in kinds, and what they share, into `folder`; returns how many files that is.
/// Throws Error, before anything is written, where one of them is there already: it may have been edited.
int64_t write_kind_files(const std::string& folder);

}  // namespace fusion
