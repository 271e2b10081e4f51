#include "foundation/checkpoint/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;
constexpr size_t kMaxDimensions = 16;
// A header within kMaxHeaderBytes could still spell tens of millions of one-digit values.
constexpr JsonLimits kHeaderLimits{.max_bytes = kMaxHeaderBytes, .max_depth = 4, .max_values = 1'000'000};

std::string tensor_who(const std::string& who, std::string_view name) {
  return cat(who, ": tensor '", printable(name, 200), "'");
}

/// The header's text, after its length was checked against the file.
std::string_view header_text(std::span<const std::byte> file, const std::string& who) {
  if (file.size() < kLengthBytes) {
    throw Error({.who = who,
                 .expected = "a safetensors file",
                 .got = cat(file.size(), " bytes"),
                 .cause = "an incomplete download?",
                 .hint = "fetch the file again"});
  }
  uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  if (length > kMaxHeaderBytes || length > file.size() - kLengthBytes) {
    throw Error(
        {.who = who,
         .expected = cat("a header of at most ", std::min(kMaxHeaderBytes, file.size() - kLengthBytes), " bytes"),
         .got = cat("one of ", length),
         .cause = "not a safetensors file, or an incomplete download",
         .hint = "fetch the file again"});
  }
  return {reinterpret_cast<const char*>(file.data() + kLengthBytes), length};
}

TensorView parse_tensor(const std::string& name, const nlohmann::json& value, std::span<const std::byte> data,
                        const std::string& file) {
  const std::string who = tensor_who(file, name);
  const JsonObject entry(value, who);
  TensorView tensor{.name = name, .dtype = {}, .shape = entry.required<std::vector<int64_t>>("shape"), .bytes = {}};
  const auto dtype = entry.required<std::string>("dtype");
  const auto offsets = entry.required<std::vector<int64_t>>("data_offsets");
  entry.refuse_unread_keys();

  const std::optional<DType> known = dtype_from_name(dtype);
  if (!known) throw Error({.who = who, .expected = cat("a dtype of ", dtype_names()), .got = printable(dtype)});
  tensor.dtype = *known;
  const auto negative = [](int64_t number) { return number < 0; };
  if (tensor.shape.size() > kMaxDimensions) {
    throw Error(
        {.who = who, .expected = cat("at most ", kMaxDimensions, " dimensions"), .got = cat(tensor.shape.size())});
  }
  if (std::any_of(tensor.shape.begin(), tensor.shape.end(), negative)) {
    throw Error({.who = who, .expected = "sizes of at least 0", .got = join(tensor.shape, "x")});
  }
  if (offsets.size() != 2 || std::any_of(offsets.begin(), offsets.end(), negative) || offsets[0] > offsets[1]) {
    throw Error({.who = who, .expected = "two rising data_offsets", .got = printable(join(offsets, ", "))});
  }
  const auto begin = static_cast<uint64_t>(offsets[0]);
  const auto end = static_cast<uint64_t>(offsets[1]);
  if (end > data.size()) {
    throw Error({.who = who,
                 .expected = cat("an end within the ", data.size(), " bytes of data"),
                 .got = cat(end),
                 .cause = "an incomplete download?",
                 .hint = "fetch the file again"});
  }
  const std::optional<uint64_t> bytes = tensor_bytes(tensor.dtype, tensor.shape);
  if (bytes != end - begin) {
    throw Error({.who = who,
                 .expected = bytes ? cat(*bytes, " bytes for ", dtype, " of shape [", join(tensor.shape, ", "), "]")
                                   : cat("a shape that fits a file"),
                 .got = bytes ? cat("data_offsets for ", end - begin) : cat("[", join(tensor.shape, ", "), "]")});
  }
  tensor.bytes = data.subspan(begin, end - begin);
  return tensor;
}

/// The format's own rule: the tensors cover the data exactly, each byte once.
void check_coverage(const std::vector<TensorView>& tensors, std::span<const std::byte> data, const std::string& who) {
  const std::byte* covered = data.data();
  const TensorView* previous = nullptr;
  for (const TensorView& tensor : tensors) {
    if (tensor.bytes.data() < covered) {
      throw Error({.who = tensor_who(who, tensor.name),
                   .expected = "bytes of its own",
                   .got = cat("an overlap with '", printable(previous->name, 200), "'")});
    }
    if (tensor.bytes.data() > covered) {
      throw Error({.who = tensor_who(who, tensor.name),
                   .expected = cat("data from offset ", covered - data.data()),
                   .got = cat("from ", tensor.bytes.data() - data.data()),
                   .cause = "bytes between that belong to no tensor"});
    }
    covered = tensor.bytes.data() + tensor.bytes.size();
    previous = &tensor;
  }
  const std::byte* end = data.data() + data.size();
  if (covered == end) return;
  throw Error({.who = who,
               .expected = cat(covered - data.data(), " bytes of data"),
               .got = cat(data.size()),
               .cause = "bytes at the end that belong to no tensor"});
}

}  // namespace

SafetensorsContent parse_safetensors(std::span<const std::byte> file, const std::string& who) {
  const std::string_view text = header_text(file, who);
  const std::span<const std::byte> data = file.subspan(kLengthBytes + text.size());
  const nlohmann::json header = parse_json(text, cat(who, ": header"), kHeaderLimits);
  if (!header.is_object())
    throw Error({.who = who, .expected = "a header that is a JSON object", .got = "another value"});

  SafetensorsContent content;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      content.tensors.push_back(parse_tensor(name, value, data, who));
      continue;
    }
    const JsonObject metadata(value, who, name);
    for (const auto& [key, text_value] : value.items()) content.metadata[key] = metadata.required<std::string>(key);
  }
  std::sort(content.tensors.begin(), content.tensors.end(), [](const TensorView& a, const TensorView& b) {
    return std::make_tuple(a.bytes.data(), a.bytes.size(), std::string_view(a.name)) <
           std::make_tuple(b.bytes.data(), b.bytes.size(), std::string_view(b.name));
  });
  check_coverage(content.tensors, data, who);
  return content;
}

SafetensorsFile::SafetensorsFile(const std::string& path)
    : path_(path), file_(path), content_(parse_safetensors(file_.bytes(), path)) {
  for (const TensorView& tensor : content_.tensors) by_name_.emplace(tensor.name, &tensor);
}

std::shared_ptr<SafetensorsFile> SafetensorsFile::open(const std::string& path) {
  return std::shared_ptr<SafetensorsFile>(new SafetensorsFile(path));
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const TensorView& SafetensorsFile::at(std::string_view name) const {
  if (const TensorView* tensor = find(name)) return *tensor;
  std::vector<std::string> names;
  names.reserve(content_.tensors.size());
  for (const TensorView& tensor : content_.tensors) names.push_back(tensor.name);
  const std::string meant = closest_match(name, names);
  throw Error({.who = path_,
               .expected = cat("a tensor '", name, "'"),
               .got = "none",
               .hint = meant.empty() ? "" : cat("the nearest name is '", printable(meant, 200), "'")});
}

std::span<std::byte> SafetensorsFile::writable_bytes(const TensorView& tensor) {
  const auto offset = static_cast<size_t>(tensor.bytes.data() - file_.bytes().data());
  return file_.writable_bytes().subspan(offset, tensor.bytes.size());
}

}  // namespace fusion
