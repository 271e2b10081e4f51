#include "workflows/training/communication/process_place.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr const char* kLaunchHint =
    "start the program with torchrun, or set RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT";

/// Empty counts as not set.
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

std::string needed_variable(const char* name, const char* because_of) {
  if (auto value = variable(name)) return *value;
  throw Error({.who = name,
               .expected = "an environment variable of this name",
               .got = "none",
               .cause = cat(because_of, " is set, so this is one process of several"),
               .hint = kLaunchHint});
}

int64_t whole_number(const char* name, const std::string& text, int64_t least, int64_t most) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem == std::errc() && rest == end && number >= least && number <= most) return number;
  throw Error({.who = name,
               .expected = cat("a whole number from ", least, " to ", most),
               .got = "\"" + printable(text) + "\"",
               .hint = kLaunchHint});
}

}  // namespace

ProcessPlace process_place() {
  constexpr int64_t kMostProcesses = 1 << 20;
  ProcessPlace place;
  if (!variable("WORLD_SIZE") && !variable("RANK")) return place;
  place.world_size = whole_number("WORLD_SIZE", needed_variable("WORLD_SIZE", "RANK"), 1, kMostProcesses);
  place.rank = whole_number("RANK", needed_variable("RANK", "WORLD_SIZE"), 0, kMostProcesses);
  if (place.rank >= place.world_size) {
    throw Error({.who = "RANK",
                 .expected = cat("less than WORLD_SIZE, which is ", place.world_size),
                 .got = cat(place.rank),
                 .cause = "ranks begin at 0"});
  }
  const auto local_rank = variable("LOCAL_RANK");
  place.local_rank = local_rank ? whole_number("LOCAL_RANK", *local_rank, 0, kMostProcesses) : place.rank;
  if (place.world_size == 1) return place;
  place.master_address = needed_variable("MASTER_ADDR", "WORLD_SIZE");
  place.master_port = static_cast<uint16_t>(whole_number("MASTER_PORT", needed_variable("MASTER_PORT", "WORLD_SIZE"), 1,
                                                         std::numeric_limits<uint16_t>::max()));
  place.launcher_serves = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  return place;
}

}  // namespace fusion
