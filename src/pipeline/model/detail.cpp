#include "pipeline/model/detail.h"

#include <algorithm>
#include <charconv>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr int64_t kFast = 16;
constexpr int64_t kBalanced = 64;
constexpr int64_t kBest = 144;

}  // namespace

int64_t latent_count(const FusionConfig& config, const std::string& detail) {
  if (detail == "fast") return kFast;
  if (detail == "balanced") return kBalanced;
  if (detail == "best") return kBest;
  if (detail.empty()) {
    const auto& trained = config.query_lengths;
    return std::find(trained.begin(), trained.end(), kBalanced) != trained.end() ? kBalanced : trained.back();
  }
  int64_t count = 0;
  const auto [end, status] = std::from_chars(detail.data(), detail.data() + detail.size(), count);
  const bool whole = status == std::errc() && end == detail.data() + detail.size();
  if (!whole || !is_latent_count(count)) {
    throw Error({.who = "detail",
                 .expected = cat("fast, balanced, best or a square number of latent tokens up to ", kMaxLatents),
                 .got = printable(detail),
                 .hint = "this model was trained with " + join(config.query_lengths, ", ")});
  }
  return count;
}

}  // namespace fusion
