#pragma once
// Where the program keeps what is its user's.

#include <string>

namespace fusion::app {

/// fusion/NAME in the folder that the environment's `variable` names with an absolute path, else in the folder
/// `below_home` of the user's home; "" without a home (XDG Base Directory Specification).
std::string user_file(const char* variable, const char* below_home, const char* name);

}  // namespace fusion::app
