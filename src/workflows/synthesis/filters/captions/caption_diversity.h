#pragma once

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/share_counts.h"

namespace fusion {

struct CaptionDiversityOptions {
  bool enabled = true;
  double max_share = 0.05;
  int64_t words = 4;
  int64_t free = 100;

  static constexpr auto fields() {
    using Self = CaptionDiversityOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("max_share", &Self::max_share, "of one cluster among the kept captions"),
                      defaulted("words", &Self::words, "first content words that make a cluster"),
                      defaulted("free", &Self::free, "so many of each cluster are kept in any case"));
  }
  void check(std::string_view section) const {
    require_option(section, "max_share", max_share, 0.0001, 1.0);
    require_option<int64_t>(section, "words", words, 1, 16);
    require_option<int64_t>(section, "free", free, 1, 1'000'000'000);
  }
};

/// Captions of which there are too many alike already. A cluster is the captions with the same first content words
/// ("man riding wave ocean"), counted as they come. The default is for pools in which one phrase has taken over; a
/// varied one loses nothing.
///
/// Memory: 4 MB, whatever comes.
class CaptionDiversity final : public CaptionFilter {
 public:
  explicit CaptionDiversity(const CaptionDiversityOptions& options) : options_(options) {}

  Verdict check(const CaptionFacts& caption) const override {
    const Words leading = cluster(caption);
    if (!counts_.would_pass(hash_of(leading), options_.max_share, options_.free)) return std::nullopt;
    return cat("too many captions about '", printable(join(leading, " ")), "'");
  }
  void remember(const CaptionFacts& caption) override { counts_.add(hash_of(cluster(caption))); }

 private:
  Words cluster(const CaptionFacts& caption) const {
    Words leading;
    for (const std::string& word : caption.words) {
      if (is_function_word(word) || is_generic_word(word)) continue;
      leading.push_back(word);
      if (static_cast<int64_t>(leading.size()) == options_.words) break;
    }
    return leading;
  }

  CaptionDiversityOptions options_;
  ShareCounts counts_;
};

}  // namespace fusion
