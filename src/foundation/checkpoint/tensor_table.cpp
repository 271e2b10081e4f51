#include "foundation/checkpoint/tensor_table.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr size_t kMaxListedTensors = 40;
constexpr uint64_t kMaxTableBytes = uint64_t{16} << 20;
constexpr size_t kMaxNameLength = 200;

/// {0, 1, 2, 5} as "0-2,5".
std::string ranges_of(const std::set<uint64_t>& numbers) {
  std::vector<std::string> ranges;
  for (auto at = numbers.begin(); at != numbers.end();) {
    const uint64_t first = *at;
    uint64_t last = first;
    for (++at; at != numbers.end() && *at == last + 1; ++at) last = *at;
    ranges.push_back(first == last ? cat(first) : cat(first, "-", last));
  }
  return join(ranges, ",");
}

/// A name taken apart at its first component that is a number: "layers." 7 ".norm".
struct NumberedName {
  std::string before;
  uint64_t number = 0;
  std::string after;
  bool numbered = false;
};

NumberedName take_apart(const std::string& name) {
  for (size_t begin = 0; begin < name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(name.data() + begin, name.data() + end, number);
    if (error == std::errc{} && stop == name.data() + end) {
      return {.before = name.substr(0, begin), .number = number, .after = name.substr(end), .numbered = true};
    }
    begin = end + 1;
  }
  return {.before = name, .after = {}};
}

/// One entry for all names that differ only in their first number.
std::vector<std::string> grouped(const std::vector<std::string>& names) {
  std::map<std::pair<std::string, std::string>, std::set<uint64_t>> groups;
  for (const std::string& name : names) {
    const NumberedName parts = take_apart(name);
    auto& numbers = groups[{parts.before, parts.after}];
    if (parts.numbered) numbers.insert(parts.number);
  }
  std::vector<std::string> entries;
  for (const auto& [ends, numbers] : groups) {
    if (numbers.size() < 2) {
      entries.push_back(cat(ends.first, ranges_of(numbers), ends.second));
    } else {
      entries.push_back(cat(ends.first, "{", ranges_of(numbers), "}", ends.second));
    }
  }
  return entries;
}

std::string listing(const std::vector<std::string>& entries) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(entries.size(), kMaxListedTensors); ++i) {
    shown.push_back(printable(entries[i], kMaxNameLength));
  }
  if (entries.size() > kMaxListedTensors) shown.push_back(cat("and ", entries.size() - kMaxListedTensors, " more"));
  return join(shown, ", ");
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return cat("[", join(shape, ", "), "]");
}

std::map<std::string, std::vector<int64_t>> by_name(const std::vector<TensorSpec>& table) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const TensorSpec& spec : table) shapes[spec.name] = spec.shape;
  return shapes;
}

/// "3x14x14" as {3, 14, 14}; false when a size is not a number of at least 0.
bool parse_shape(std::string_view text, std::vector<int64_t>& shape) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('x'));
    int64_t size = 0;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), size);
    if (error != std::errc{} || stop != part.data() + part.size() || size < 0) return false;
    shape.push_back(size);
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
    if (text.empty()) return false;
  }
  return true;
}

}  // namespace

std::string TableDiff::describe() const {
  std::vector<std::string> parts;
  const auto add = [&parts](const std::vector<std::string>& names, std::string_view what) {
    if (names.empty()) return;
    parts.push_back(
        cat(names.size(), " ", what, ": ", listing(names.size() > kMaxListedTensors ? grouped(names) : names)));
  };
  add(missing, "missing");
  add(unexpected, "unexpected");
  if (!misshapen.empty()) {
    std::vector<std::string> entries;
    entries.reserve(misshapen.size());
    for (const MisshapenTensor& tensor : misshapen) {
      entries.push_back(cat(tensor.name, " ", shape_text(tensor.got), " instead of ", shape_text(tensor.expected)));
    }
    parts.push_back(cat(misshapen.size(), " mis-shaped: ", listing(entries)));
  }
  return join(parts, "; ");
}

TableDiff compare_tables(const std::vector<TensorSpec>& expected, const std::vector<TensorSpec>& actual) {
  const auto wanted = by_name(expected);
  const auto present = by_name(actual);
  TableDiff diff;
  for (const auto& [name, shape] : wanted) {
    const auto found = present.find(name);
    if (found == present.end()) {
      diff.missing.push_back(name);
    } else if (found->second != shape) {
      diff.misshapen.push_back({.name = name, .expected = shape, .got = found->second});
    }
  }
  for (const auto& [name, shape] : present) {
    if (!wanted.contains(name)) diff.unexpected.push_back(name);
  }
  return diff;
}

std::vector<TensorSpec> read_tensor_table(const std::string& path) {
  const std::string text = read_text_file(path, kMaxTableBytes);
  std::vector<TensorSpec> table;
  size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    ++number;
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    TensorSpec spec{.name = std::string(line.substr(0, tab)), .shape = {}};
    if (tab == std::string_view::npos || spec.name.empty() || !parse_shape(line.substr(tab + 1), spec.shape)) {
      throw Error({.who = cat(path, ": line ", number),
                   .expected = "NAME, a tab and a shape such as 3x14x14",
                   .got = cat("'", printable(line, kMaxNameLength), "'")});
    }
    table.push_back(std::move(spec));
  }
  return table;
}

}  // namespace fusion
