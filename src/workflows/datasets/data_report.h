#pragma once
// What is in a mixture: everything read once, counted and measured.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "workflows/datasets/loader.h"
#include "workflows/datasets/sample.h"

namespace fusion {

struct CheckOptions {
  int64_t image_tokens = 0;      ///< positions of a picture in the text
  int64_t query_len = 0;         ///< latent tokens of a question: the most that training draws
  int64_t micro_batch_size = 1;  ///< records that go through the model together
  int64_t limit = 0;             ///< read so many records, evenly spread over the mixture; 0: all
  bool decode_pictures = true;   ///< false: lengths alone; whether pictures are there is not looked at
  int64_t max_listed = 20;       ///< broken records that are kept with their reasons
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
};

/// How long a sample is. Positions are those of the decoder: placeholders count as what takes their place.
struct SampleLength {
  int64_t tokens = 0;     ///< ids
  int64_t positions = 0;  ///< uncut
  int64_t instruct_tokens = 0;
  int64_t questions = 0;  ///< latent blocks
  int64_t targets = 0;    ///< whose positions are below max_length
};

SampleLength measure(const TokenizedPrompt& prompt, int64_t image_tokens, int64_t query_len, int64_t max_length);

/// Counts over one data set, or over all.
struct DataSetReport {
  std::string path = {};
  std::string strategy = {};
  int64_t records = 0;  ///< read, broken ones too
  int64_t pictures = 0;
  int64_t text_only = 0;
  int64_t broken = 0;
  int64_t tokens = 0;
  int64_t targets = 0;
  int64_t longest = 0;      ///< positions, cut to max_length
  int64_t cut = 0;          ///< records with more positions than max_length
  int64_t unteachable = 0;  ///< records without a target
};

/// Records whose length is at least `from` and below the next bin's.
struct LengthBin {
  int64_t from = 0;
  int64_t by_tokens = 0;     ///< records by their ids
  int64_t by_positions = 0;  ///< by their positions, cut to max_length
};

/// The micro-batch that costs the most memory, whatever the order: the longest records of all, and of every kind of
/// length the most that any row has.
struct LongestBatch {
  std::vector<int64_t> records = {};  ///< indices, the longest first
  int64_t positions = 0;              ///< of each row, padded
  int64_t instruct_tokens = 0;
  int64_t questions = 0;
  int64_t targets = 0;
};

struct DataReport {
  std::vector<DataSetReport> data_sets = {};
  DataSetReport total = {};
  std::vector<LengthBin> lengths = {};
  std::vector<BrokenRecord> broken = {};  ///< the first max_listed in the mixture's order
  LongestBatch longest = {};

  /// Whether more than `share` of the records are broken.
  bool too_many_broken(double share) const {
    return static_cast<double>(total.broken) > share * static_cast<double>(total.records);
  }
};

/// Reads on torch's threads. The result does not depend on their number.
DataReport check_data(const SampleReader& reader, const CheckOptions& options);

}  // namespace fusion
