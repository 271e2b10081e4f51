#include "workflows/datasets/record_file.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr std::string_view kJsonSpace = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr JsonLimits kRecordLimits{.max_bytes = uint64_t{16} << 20, .max_values = 1'000'000};

size_t behind_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

size_t behind_space(std::string_view text, size_t at) {
  return std::min(text.find_first_not_of(kJsonSpace, at), text.size());
}

/// `at` is inside a JSON string; the place behind its closing quote, or the end.
size_t behind_string(std::string_view text, size_t at) {
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::string id_of(const json& record, const std::string& who) {
  const auto found = record.find("id");
  if (found == record.end() || found->is_null()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number()) return found->dump();
  throw Error({.who = who, .expected = "an id that is a string or a number", .got = printable(found->dump())});
}

std::optional<std::string> image_of(const JsonObject& record) {
  const json* several = record.find("images");
  const auto image = record.optional<std::string>("image");
  if (!image && several != nullptr && several->is_array() && !several->empty()) {
    throw Error({.who = record.file(), .expected = "one picture, under 'image'", .got = "a list under 'images'"});
  }
  if (image && image->empty()) {
    throw Error({.who = record.who("image"), .expected = "a path", .got = "an empty text"});
  }
  return image;
}

}  // namespace

Record parse_record(std::string_view text, const std::string& who) {
  const json value = parse_json(text, who, kRecordLimits);
  if (!value.is_object()) {
    throw Error({.who = who, .expected = "a record, which is a JSON object", .got = value.type_name()});
  }
  Record record{.id = id_of(value, who)};
  const JsonObject object(value, record.id.empty() ? who : cat(who, " (id ", printable(record.id), ")"));
  record.image = image_of(object);
  const json* conversations = object.find("conversations");
  if (conversations == nullptr || !conversations->is_array() || conversations->empty()) {
    throw Error({.who = object.who("conversations"),
                 .expected = "a list of messages",
                 .got = conversations == nullptr     ? "no such key"
                        : !conversations->is_array() ? conversations->type_name()
                                                     : "an empty one"});
  }
  for (size_t i = 0; i < conversations->size(); ++i) {
    const JsonObject message((*conversations)[i], object.file(), cat("conversations[", i, "]"));
    DatasetMessage said{.from = message.required<std::string>("from"), .value = message.required<std::string>("value")};
    if (said.from != "human" && said.from != "gpt") {
      throw Error({.who = message.who("from"), .expected = "human or gpt", .got = printable(said.from)});
    }
    record.messages.push_back(std::move(said));
  }
  return record;
}

RecordFile::RecordFile(const std::string& path) : path_(path), file_(path), lines_(path.ends_with(".jsonl")) {
  if (!lines_ && !path.ends_with(".json")) {
    throw Error({.who = path,
                 .expected = "a name that ends with .json (an array of records) or .jsonl (a record a line)",
                 .got = "another one"});
  }
  lines_ ? scan_lines() : scan_array();
  begins_.shrink_to_fit();
  lengths_.shrink_to_fit();
}

std::string_view RecordFile::text() const {
  return {reinterpret_cast<const char*>(file_.bytes().data()), file_.bytes().size()};
}

void RecordFile::add(size_t begin, size_t end) {
  begins_.push_back(begin);
  lengths_.push_back(static_cast<uint32_t>(std::min<size_t>(end - begin, std::numeric_limits<uint32_t>::max())));
}

void RecordFile::scan_lines() {
  const std::string_view all = text();
  int64_t blank = 0;
  for (size_t at = behind_mark(all); at < all.size();) {
    const size_t end = std::min(all.find('\n', at), all.size());
    if (all.substr(at, end - at).find_first_not_of(kJsonSpace) != std::string_view::npos) {
      add(at, end);
    } else if (++blank; !blank_lines_.empty() && blank_lines_.back().record == size()) {
      blank_lines_.back().count = blank;
    } else {
      blank_lines_.push_back({.record = size(), .count = blank});
    }
    at = end + 1;
  }
}

void RecordFile::scan_array() {
  const std::string_view all = text();
  size_t at = behind_space(all, behind_mark(all));
  if (at == all.size() || all[at] != '[') {
    throw Error({.who = path_,
                 .expected = "a JSON array of records",
                 .got = at == all.size() ? "an empty file" : cat('"', printable(all.substr(at, 20)), '"'),
                 .hint = "the name of a file with a record a line ends with .jsonl"});
  }
  at = behind_space(all, at + 1);
  size_t begin = at;
  int64_t depth = 0;
  bool ended = false;
  while (at < all.size() && !ended) {
    const char c = all[at++];
    if (c == '"') {
      at = behind_string(all, at);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (depth > 0) {
      if (c == '}' || c == ']') --depth;
    } else if (c == ',' || c == ']') {
      ended = c == ']';
      const bool no_records = ended && size() == 0 && begin == at - 1;
      if (!no_records) add(begin, at - 1);
      at = begin = behind_space(all, at);
    }
  }
  // What is left is a record that never ends, or text behind the array.
  if (begin < all.size()) add(begin, all.size());
  if (!ended && depth == 0) add(all.size(), all.size());
}

Record RecordFile::parse(int64_t i) const {
  file_.require_unchanged();
  const auto index = static_cast<size_t>(i);
  if (lengths_[index] == 0) {
    throw Error({.who = describe(i),
                 .expected = "a record",
                 .got = "nothing",
                 .cause = "the file was cut short, or there is a comma too many"});
  }
  return parse_record(text().substr(begins_[index], lengths_[index]), describe(i));
}

std::string RecordFile::describe(int64_t i) const {
  if (!lines_) return cat(path_, ": element ", i + 1);
  const auto behind = std::ranges::upper_bound(blank_lines_, i, {}, &BlankLines::record);
  return cat(path_, ":", i + 1 + (behind == blank_lines_.begin() ? 0 : std::prev(behind)->count));
}

}  // namespace fusion
