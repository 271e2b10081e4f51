#pragma once

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/hash_counts.h"
#include "workflows/synthesis/filters/similar_texts.h"

namespace fusion {

struct DuplicateCaptionOptions {
  bool enabled = true;
  double similarity = 0.8;
  int64_t shingle = 3;

  static constexpr auto fields() {
    using Self = DuplicateCaptionOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("similarity", &Self::similarity, "Jaccard index of the shingles from which on two are duplicates"),
        defaulted("shingle", &Self::shingle, "words of a shingle"));
  }
  void check(std::string_view section) const {
    require_option(section, "similarity", similarity, 0.7, 1.0);
    require_option<int64_t>(section, "shingle", shingle, 1, 16);
  }
};

/// Captions of the same words, and nearly the same ones (similar_texts.h). With the defaults two captions that differ
/// in one word both stay, up to 24 words: the embedded world's are of few sentence forms.
///
/// Memory: 64 to 120 bytes a kept caption and 2 for each word, 1.3 GB for 10 million of 15 words.
class DuplicateCaption final : public CaptionFilter {
 public:
  explicit DuplicateCaption(const DuplicateCaptionOptions& options)
      : options_(options), similar_(static_cast<size_t>(options.shingle)) {}

  Verdict check(const CaptionFacts& caption) const override {
    if (same_.count(hash_of(caption.words)) > 0) return "the same words as a caption before";
    if (similar_.contains(caption.words, options_.similarity)) return "nearly the words of a caption before";
    return std::nullopt;
  }
  void remember(const CaptionFacts& caption) override {
    same_.add(hash_of(caption.words));
    similar_.add(caption.words);
  }

 private:
  DuplicateCaptionOptions options_;
  HashCounts same_;
  SimilarTexts similar_;
};

}  // namespace fusion
