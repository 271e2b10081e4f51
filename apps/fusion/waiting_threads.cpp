#include "fusion/waiting_threads.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace fusion::app {

namespace {

constexpr const char* kSpinCount = "GOMP_SPINCOUNT";
constexpr const char* kShort = "10000";
constexpr std::array<std::string_view, 7> kComputing = {"ask", "bench", "chat", "eval", "mir", "train", "verify"};

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

void shorten_spinning(char** argv) {
  if (argv[0] == nullptr || argv[1] == nullptr || std::ranges::find(kComputing, argv[1]) == kComputing.end()) return;
  if (is_set("OMP_WAIT_POLICY") || is_set(kSpinCount)) return;
  if (::setenv(kSpinCount, kShort, /*replace=*/1) == 0) ::execv("/proc/self/exe", argv);
  // Without /proc it goes on as it is.
}

}  // namespace fusion::app
