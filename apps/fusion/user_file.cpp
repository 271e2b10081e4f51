#include "fusion/user_file.h"

#include <cstdlib>
#include <filesystem>

namespace fusion::app {

std::string user_file(const char* variable, const char* below_home, const char* name) {
  const char* const chosen = std::getenv(variable);
  const char* const home = std::getenv("HOME");
  std::filesystem::path folder;
  if (chosen != nullptr && *chosen == '/') {
    folder = chosen;
  } else if (home != nullptr && *home != '\0') {
    folder = std::filesystem::path(home) / below_home;
  } else {
    return "";
  }
  return (folder / "fusion" / name).string();
}

}  // namespace fusion::app
