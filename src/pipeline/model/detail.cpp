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

/// \param hint  for the error
int64_t named_count(const std::string& detail, const std::string& hint) {
  if (detail == "fast") return kFast;
  if (detail == "balanced") return kBalanced;
  if (detail == "best") return kBest;
  int64_t count = 0;
  const auto [end, status] = std::from_chars(detail.data(), detail.data() + detail.size(), count);
  const bool whole = status == std::errc() && end == detail.data() + detail.size();
  if (whole && is_latent_count(count)) return count;
  throw Error({.who = "detail",
               .expected = cat("fast, balanced, best or a square number of latent tokens up to ", kMaxLatents),
               .got = detail.empty() ? "an empty text" : printable(detail),
               .hint = hint});
}

}  // namespace

int64_t latent_count(const FusionConfig& config, const std::string& detail) {
  if (!config.has_latents()) {
    if (detail.empty()) return 0;
    throw Error({.who = "detail",
                 .expected = "none, for this model has no latent tokens",
                 .got = printable(detail),
                 .hint = "leave it out"});
  }
  const auto& trained = config.query_lengths;
  if (!detail.empty()) return named_count(detail, "this model was trained with " + join(trained, ", "));
  return std::find(trained.begin(), trained.end(), kBalanced) != trained.end() ? kBalanced : trained.back();
}

void require_detail(const std::string& detail) {
  named_count(detail, "");
}

}  // namespace fusion
