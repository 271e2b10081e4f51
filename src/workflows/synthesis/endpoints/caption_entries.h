#pragma once
// Captions out of files, one after another.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fusion {

/// One caption of a file.
struct CaptionEntry {
  std::string caption = {};
  std::vector<std::string> kinds = {};  ///< empty: the run's choice
  std::string picture = {};             ///< path below the file's folder; "" where there is none
  std::string source = {};              ///< "FILE:LINE", the file without its folder
  std::string problem = {};             ///< why it cannot be used; "" where it can
};

class CaptionEntries {
 public:
  virtual ~CaptionEntries() = default;
  /// Nothing after the last. Throws Error where the file changes while it is read.
  virtual std::optional<CaptionEntry> next() = 0;
};

/// A caption a line; blank lines are none. The file is mapped: a line is all that is held.
std::unique_ptr<CaptionEntries> text_entries(const std::string& path);

/// A JSON object a line: the caption under "caption", or as what "gpt" says first in LLaVA's "conversations"; the
/// picture under "image", "picture" or "file_name"; kinds under "kinds". Other keys are passed over.
std::unique_ptr<CaptionEntries> jsonl_entries(const std::string& path);

/// The same objects as one JSON array. All captions are held in memory. Throws Error where it is no array.
std::unique_ptr<CaptionEntries> json_entries(const std::string& path);

/// The pictures of a folder and of those below it (jpg, jpeg, png, webp), each with its caption in a NAME.txt beside
/// it, in the order of their paths, which are held in memory.
std::unique_ptr<CaptionEntries> paired_entries(const std::string& folder);

}  // namespace fusion
