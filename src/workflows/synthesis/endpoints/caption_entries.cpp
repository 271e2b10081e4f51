#include "workflows/synthesis/endpoints/caption_entries.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "foundation/checkpoint/mapped_file.h"
#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/endpoints/text_checks.h"

namespace fusion {
namespace {

using nlohmann::json;

constexpr size_t kMaxCaption = 4000;          // bytes
constexpr size_t kMaxLine = 1 << 20;          // bytes
constexpr size_t kMaxFile = size_t{4} << 30;  // bytes of a JSON array
constexpr JsonLimits kRecordLimits = {.max_bytes = kMaxLine, .max_depth = 16, .max_values = 10'000};

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

void set_caption(CaptionEntry& entry, std::string_view text) {
  entry.caption = trimmed(text);
  const std::string problem = problem_of_text(entry.caption, kMaxCaption);
  if (!problem.empty()) entry.problem = cat("expected a caption, got ", problem);
}

/// What the record's caption is.
std::string caption_in(const JsonObject& record) {
  if (const auto caption = record.optional<std::string>("caption")) return *caption;
  const json* conversations = record.find("conversations");
  if (conversations != nullptr && conversations->is_array()) {
    for (size_t i = 0; i < conversations->size(); ++i) {
      const JsonObject message((*conversations)[i], record.file(), cat("conversations[", i, "]"));
      if (message.required<std::string>("from") == "gpt") return message.required<std::string>("value");
    }
  }
  throw Error({.who = record.file(), .expected = "a caption under 'caption' or 'conversations'", .got = "neither"});
}

void read_record(const json& value, CaptionEntry& entry) {
  const JsonObject record(value, "the record");
  set_caption(entry, caption_in(record));
  entry.kinds = record.optional<std::vector<std::string>>("kinds").value_or(std::vector<std::string>());
  for (const char* key : {"image", "picture", "file_name"}) {
    if (entry.picture.empty()) entry.picture = record.optional<std::string>(key).value_or("");
  }
}

/// The lines of a mapped file that are not blank.
class Lines {
 public:
  explicit Lines(const std::string& path) : name_(file_name(path)), file_(path) {
    const std::span<const std::byte> bytes = file_.bytes();
    rest_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);  // a byte order mark
  }

  /// The next one into `line`, with its place into `entry`. \return whether there is one
  bool next(std::string_view& line, CaptionEntry& entry) {
    file_.require_unchanged();
    while (!rest_.empty()) {
      const size_t end = std::min(rest_.find('\n'), rest_.size());
      line = trimmed(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++number_;
      if (line.empty()) continue;
      entry.source = cat(name_, ":", number_);
      return true;
    }
    return false;
  }

 private:
  std::string name_;
  MappedFile file_;
  std::string_view rest_;
  int64_t number_ = 0;
};

class TextEntries : public CaptionEntries {
 public:
  explicit TextEntries(const std::string& path) : lines_(path) {}

  std::optional<CaptionEntry> next() override {
    CaptionEntry entry;
    std::string_view line;
    if (!lines_.next(line, entry)) return std::nullopt;
    set_caption(entry, line.substr(0, kMaxCaption + 1));
    return entry;
  }

 private:
  Lines lines_;
};

class JsonlEntries : public CaptionEntries {
 public:
  explicit JsonlEntries(const std::string& path) : lines_(path) {}

  std::optional<CaptionEntry> next() override {
    CaptionEntry entry;
    std::string_view line;
    if (!lines_.next(line, entry)) return std::nullopt;
    try {
      read_record(parse_json(line, "the record", kRecordLimits), entry);
    } catch (const Error& error) {
      entry.problem = error.what();
    }
    return entry;
  }

 private:
  Lines lines_;
};

class ArrayEntries : public CaptionEntries {
 public:
  explicit ArrayEntries(const std::string& path) {
    const std::string name = file_name(path);
    if (InputFile(path).size() > kMaxFile) {
      throw Error({.who = path, .expected = "at most 4 GiB", .got = "more", .hint = "write a record a line: .jsonl"});
    }
    // Records are read and dropped one by one, as soon as the parser is behind each.
    const auto take = [&](int depth, json::parse_event_t event, json& parsed) {
      const bool object = depth == 0 && event == json::parse_event_t::object_start;
      if (object || depth > kRecordLimits.max_depth) throw_no_array(path);
      if (depth != 1 || event != json::parse_event_t::object_end) return true;
      CaptionEntry& entry = entries_.emplace_back();
      entry.source = cat(name, ":", entries_.size());
      try {
        read_record(parsed, entry);
      } catch (const Error& error) {
        entry.problem = error.what();
      }
      return false;
    };
    std::ifstream stream(path, std::ios::binary);
    try {
      if (!json::parse(stream, take).is_array()) throw_no_array(path);
    } catch (const json::exception& error) {
      throw Error({.who = path, .expected = "a JSON array of records", .got = printable(error.what(), 200)});
    }
  }

  std::optional<CaptionEntry> next() override {
    if (next_ == entries_.size()) return std::nullopt;
    return std::move(entries_[next_++]);
  }

 private:
  [[noreturn]] static void throw_no_array(const std::string& path) {
    throw Error({.who = path,
                 .expected = "a JSON array of records",
                 .got = "something else",
                 .hint = "the name of a file with a record a line ends with .jsonl"});
  }

  std::vector<CaptionEntry> entries_;
  size_t next_ = 0;
};

class PairedEntries : public CaptionEntries {
 public:
  explicit PairedEntries(const std::string& folder) : folder_(folder) {
    namespace fs = std::filesystem;
    std::error_code code;
    for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
      std::string extension = at->path().extension().string();
      std::ranges::transform(extension, extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
      const bool picture = extension == ".jpg" || extension == ".jpeg" || extension == ".png" || extension == ".webp";
      std::error_code unreadable;
      if (picture && at->is_regular_file(unreadable)) paths_.push_back(at->path().lexically_relative(folder).string());
    }
    if (code) throw Error({.who = folder, .expected = "a folder of pictures", .got = code.message()});
    std::ranges::sort(paths_);
  }

  std::optional<CaptionEntry> next() override {
    if (next_ == paths_.size()) return std::nullopt;
    CaptionEntry entry{.picture = paths_[next_++]};
    const std::filesystem::path words = std::filesystem::path(entry.picture).replace_extension(".txt");
    entry.source = words.string();
    try {
      set_caption(entry, read_text_file((folder_ / words).string(), kMaxCaption));
    } catch (const Error& error) {
      entry.problem = error.what();
    }
    return entry;
  }

 private:
  std::filesystem::path folder_;
  std::vector<std::string> paths_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<CaptionEntries> text_entries(const std::string& path) {
  return std::make_unique<TextEntries>(path);
}
std::unique_ptr<CaptionEntries> jsonl_entries(const std::string& path) {
  return std::make_unique<JsonlEntries>(path);
}
std::unique_ptr<CaptionEntries> json_entries(const std::string& path) {
  return std::make_unique<ArrayEntries>(path);
}
std::unique_ptr<CaptionEntries> paired_entries(const std::string& folder) {
  return std::make_unique<PairedEntries>(folder);
}

}  // namespace fusion
