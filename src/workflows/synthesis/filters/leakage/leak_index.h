#pragma once
// What stands in benchmarks, for nothing of it to get into the training data.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/hash_counts.h"
#include "workflows/synthesis/filters/similar_pictures.h"

namespace fusion {

struct LeakageOptions {
  bool enabled = true;
  std::vector<std::string> benchmarks = {};
  int64_t words = 8;
  int64_t common = 10;
  int64_t distance = 3;

  static constexpr auto fields() {
    using Self = LeakageOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("benchmarks", &Self::benchmarks,
                  "folders with the texts and pictures of benchmarks, from the recipe's folder"),
        defaulted("words", &Self::words, "words in a row that are enough to be a leak"),
        defaulted("common", &Self::common, "what a benchmark says more often than this is a form of words, no leak"),
        defaulted("distance", &Self::distance, "bits of the perceptual hash that may differ, 0 to 7"));
  }
  void check(std::string_view section) const {
    require_option<int64_t>(section, "words", words, 3, 64);
    require_option<int64_t>(section, "common", common, 1, 1'000'000'000);
    require_option<int64_t>(section, "distance", distance, 0, SimilarPictures::kMaxDistance);
  }
};

/// What was found in the benchmarks' folders.
struct LeakReport {
  int64_t text_files = 0;
  int64_t texts = 0;     ///< strings of a JSON, lines of other files
  int64_t passages = 0;  ///< different runs of words
  int64_t pictures = 0;
  int64_t broken = 0;                      ///< files, or lines of a .jsonl, that could not be read
  std::vector<std::string> examples = {};  ///< the first few of these, with what is wrong
};

/// Runs of words (8 unless told otherwise) of every text, and every picture's perceptual hash. Shorter texts are none:
/// "What color is the car?" is asked everywhere.
///
/// Memory: 16 to 32 bytes a run of words, 8 for each word of the benchmarks' texts being one.
class LeakIndex {
 public:
  using OnFile = std::function<void(uint64_t done, uint64_t total)>;

  /// Reads .json, .jsonl, .txt, .tsv, .csv, .jpg, .jpeg, .png and .webp files below the folders, in the order of their
  /// paths, pictures on all cores; text files above 256 MB and what is broken is counted and passed over. Throws Error
  /// where a folder cannot be listed in full, or nothing in it could be read.
  /// \param on_file  told of each file that is behind it, by one thread at a time
  static std::shared_ptr<const LeakIndex> read(const LeakageOptions& options, const OnFile& on_file = {});

  /// The first run of words of the text that stands in a benchmark.
  std::optional<std::string> find(const Words& words) const;
  bool has_picture(uint64_t hash) const;
  const LeakReport& report() const { return report_; }

 private:
  explicit LeakIndex(const LeakageOptions& options) : options_(options) {}

  void read_text(const std::string& path);
  void add_text(std::string_view text);
  void read_pictures(const std::vector<std::string>& paths, const std::function<void()>& on_picture);
  void count_broken(const std::string& what);

  LeakageOptions options_;
  HashCounts passages_;
  SimilarPictures pictures_;
  LeakReport report_;
};

/// The caption shares a run of words with a benchmark.
class LeakedCaption final : public CaptionFilter {
 public:
  explicit LeakedCaption(std::shared_ptr<const LeakIndex> index) : index_(std::move(index)) {}

  Verdict check(const CaptionFacts& caption) const override;

 private:
  std::shared_ptr<const LeakIndex> index_;
};

/// A question shares a run of words with a benchmark.
class LeakedQuestion final : public ConversationFilter {
 public:
  explicit LeakedQuestion(std::shared_ptr<const LeakIndex> index) : index_(std::move(index)) {}

  Verdict check(const ConversationFacts& conversation) const override;

 private:
  std::shared_ptr<const LeakIndex> index_;
};

/// The picture looks like one of a benchmark.
class LeakedPicture final : public PictureFilter {
 public:
  explicit LeakedPicture(std::shared_ptr<const LeakIndex> index) : index_(std::move(index)) {}

  Verdict check(const Item& item) const override;

 private:
  std::shared_ptr<const LeakIndex> index_;
};

}  // namespace fusion
