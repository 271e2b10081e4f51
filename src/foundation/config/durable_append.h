#pragma once
// Lines that are on the disk before the work goes on.

#include <string>
#include <string_view>

namespace fusion {

/// Appends all of `text` to an open file and brings it to the disk; pipes and terminals, which have none, just take it.
/// Throws Error, about `path` and with the `hint`, where the disk is full or fails.
void append_durably(int descriptor, std::string_view text, const std::string& path, const char* hint);

}  // namespace fusion
