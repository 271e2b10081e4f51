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

/// Captions of the same words, and nearly the same ones (MinHash over runs of words, similar_texts.h). The default lets
/// captions of one sentence form stay that differ in a colour or a thing, for such a difference changes as many
/// shingles as a shingle has words.
///
/// Memory: 112 to 184 bytes a kept caption, 1.5 GB for 10 million.
class DuplicateCaption final : public CaptionFilter {
 public:
  explicit DuplicateCaption(const DuplicateCaptionOptions& options) : options_(options) {}

  Verdict check(const CaptionFacts& caption) const override {
    if (same_.count(hash_of(caption.words)) > 0) return "the same words as a caption before";
    if (similar_.contains(signature(caption), options_.similarity)) return "nearly the words of a caption before";
    return std::nullopt;
  }
  void remember(const CaptionFacts& caption) override {
    same_.add(hash_of(caption.words));
    similar_.add(signature(caption));
  }

 private:
  MinHash signature(const CaptionFacts& caption) const {
    return min_hash(shingles(caption.words, static_cast<size_t>(options_.shingle)));
  }

  DuplicateCaptionOptions options_;
  HashCounts same_;
  SimilarTexts similar_;
};

}  // namespace fusion
