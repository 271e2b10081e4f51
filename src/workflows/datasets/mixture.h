#pragma once
// The data sets that a run trains on, as one list of records.
//
//     datasets:                         # mix.yaml
//       - json_path: llava.json         # or .jsonl; relative to this file
//         sampling_strategy: first:10%  # default: all
//         image_folder: images          # default: the folder of this file

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "workflows/datasets/record_file.h"
#include "workflows/datasets/sampling_strategy.h"

namespace fusion {

struct MixtureOptions {
  /// Where pictures are looked for first, in this order; then in the data set's image_folder, then in the folder of the
  /// mixture.
  std::vector<std::string> image_roots = {};
  uint64_t seed = 0;  ///< of random:N
  /// Hears from open() how many records it has read.
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
};

/// One entry of the list.
struct DataSet {
  std::string path;      ///< of its record file
  std::string strategy;  ///< as it was written
  int64_t first = 0;     ///< index of its first record in the mixture
  int64_t size = 0;      ///< records taken
  int64_t in_file = 0;   ///< records that are there
};

/// Records 0 .. size() - 1, the data sets one after another. Holds at most 24 bytes for each record of the files; the
/// files stay mapped. Immutable: any number of threads may read.
class Mixture {
 public:
  /// `path` is a mixture's .yaml or .yml, or a single .json or .jsonl file, which is taken whole. Every record is read
  /// once, for its length. Throws Error on an unknown key, a strategy that is none, a folder or file that is not there,
  /// a data set without records, and as RecordFile does; a record that is broken stays in the list.
  static std::shared_ptr<const Mixture> open(const std::string& path, const MixtureOptions& options);

  int64_t size() const { return static_cast<int64_t>(lengths_.size()); }
  /// Throws Error where the record is broken, see RecordFile::parse.
  Record record(int64_t i) const;
  /// The record's id; "" where it has none or cannot be read.
  std::string id(int64_t i) const;
  /// Where record i stands: its file and line, and its id.
  std::string describe(int64_t i) const;

  /// The file that the record's image names: the first root that has it. A path, relative or not, that leads out of
  /// every root is an Error, as is one that no root has. (Symbolic links inside a root may lead anywhere.)
  /// \param record  one of record(), with an image
  std::string picture_path(const Record& record) const;

  /// Of each record its words, as Python's split() counts them in all messages, at least 1: with a picture as they are,
  /// without one negative (the reference's modality_lengths). 0: the record is broken.
  std::span<const int32_t> modality_lengths() const { return lengths_; }

  std::span<const DataSet> data_sets() const { return data_sets_; }
  /// The data set that record i is of.
  int64_t data_set_of(int64_t i) const;

  /// Tells mixtures apart: sizes of the files, strategies and lengths go into it, but not where the files lie.
  uint64_t fingerprint() const { return fingerprint_; }

 private:
  Mixture() = default;
  /// Of record i, which is of the data set.
  int64_t index_in_file(int64_t i, int64_t data_set) const;
  void read_lengths(const MixtureOptions& options);
  uint64_t compute_fingerprint(uint64_t seed) const;

  std::vector<DataSet> data_sets_;
  std::vector<std::unique_ptr<RecordFile>> files_;     // one for each data set
  std::vector<std::vector<uint32_t>> kept_;            // of each data set; empty: all records of the file
  std::vector<std::vector<std::string>> image_roots_;  // of each data set; absolute and normal
  std::vector<int32_t> lengths_;
  uint64_t fingerprint_ = 0;
};

}  // namespace fusion
