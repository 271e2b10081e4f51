#pragma once
// A data set's file of conversations: LLaVA's records, as a JSON array (.json) or one in a line (.jsonl).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/checkpoint/mapped_file.h"
#include "pipeline/preprocess/prompt.h"

namespace fusion {

/// {"id": ..., "image": "path", "conversations": [{"from": "human" or "gpt", "value": "..."}, ...]}
struct Record {
  std::string id = {};                    ///< "" where the record has none
  std::optional<std::string> image = {};  ///< as the record spells the path; nothing: text only
  std::vector<DatasetMessage> messages = {};
  int64_t data_set = 0;  ///< which one of the mixture it comes from
};

/// The record that a JSON text spells. An id may be a number or missing; keys besides the three are passed over, and so
/// are those of a message besides its two. Throws Error, about `who` and the record's id, on what is no JSON object,
/// conversations that are missing, empty or of another form, a speaker who is neither human nor gpt, an image that is
/// no path, and on several pictures.
Record parse_record(std::string_view text, const std::string& who);

/// A mapped file, in which every record's place is known and none is held parsed: 12 bytes a record.
/// A record that is broken is found when it is parsed, and the others stay readable: a line that is no JSON, a file
/// that ends within a record, an array that never ends (the missing rest counts as one broken record). Blank lines of a
/// .jsonl are no records. Any number of threads may read.
class RecordFile {
 public:
  /// Throws Error where the file is not readable, its name ends otherwise, or a .json holds no array.
  explicit RecordFile(const std::string& path);

  int64_t size() const { return static_cast<int64_t>(begins_.size()); }
  /// Throws Error where the record is broken (see parse_record) and where the file has changed since it was opened.
  Record parse(int64_t i) const;
  /// Where record i stands: "FILE:LINE", or "FILE: element N" counted from 1.
  std::string describe(int64_t i) const;

  const std::string& path() const { return path_; }
  uint64_t bytes() const { return file_.bytes().size(); }

 private:
  std::string_view text() const;
  void scan_lines();
  void scan_array();
  void add(size_t begin, size_t end);

  struct BlankLines {
    int64_t record;  ///< the first record behind them
    int64_t count;   ///< all blank lines before it
  };

  std::string path_;
  MappedFile file_;
  bool lines_ = false;
  std::vector<uint64_t> begins_;
  std::vector<uint32_t> lengths_;  ///< clamped: a record that long is refused anyway
  std::vector<BlankLines> blank_lines_;
};

}  // namespace fusion
