#include "workflows/synthesis/export/export_options.h"

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

void require_valid(const ExportOptions& options, const std::string& who) {
  const auto is_share = [](double share) { return share >= 0 && share < 1; };
  if (!is_share(options.validation) || !is_share(options.test) || options.validation + options.test >= 1) {
    throw Error({.who = cat(who, ": validation and test"),
                 .expected = "shares that leave something for training",
                 .got = cat(options.validation, " and ", options.test)});
  }
  constexpr int64_t kMost = 1'000'000;
  if (options.shard_samples < 1 || options.shard_samples > kMost) {
    throw Error(
        {.who = cat(who, ": shard_samples"), .expected = cat("1 to ", kMost), .got = cat(options.shard_samples)});
  }
  if (options.shard_megabytes < 1 || options.shard_megabytes > kMost) {
    throw Error(
        {.who = cat(who, ": shard_megabytes"), .expected = cat("1 to ", kMost), .got = cat(options.shard_megabytes)});
  }
}

}  // namespace fusion
