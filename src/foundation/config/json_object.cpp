#include "foundation/config/json_object.h"

#include <cmath>
#include <limits>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;

/// The value as it stands in the file, cut short.
std::string shown(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return value.empty() ? "an empty list" : cat("a list of ", value.size());
  if (value.is_string()) return cat('"', printable(value.get_ref<const std::string&>()), '"');
  return value.dump();
}

}  // namespace

bool JsonType<bool>::read(const json& value, bool& out) {
  if (!value.is_boolean()) return false;
  out = value.get<bool>();
  return true;
}

bool JsonType<int64_t>::read(const json& value, int64_t& out) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()}) return false;
  out = value.get<int64_t>();
  return true;
}

bool JsonType<double>::read(const json& value, double& out) {
  if (!value.is_number()) return false;
  out = value.get<double>();
  return true;
}

bool JsonType<std::string>::read(const json& value, std::string& out) {
  if (!value.is_string()) return false;
  out = value.get<std::string>();
  return true;
}

JsonObject::JsonObject(const json& value, std::string file, std::string prefix)
    : value_(&value), file_(std::move(file)), prefix_(std::move(prefix)) {
  if (value.is_object()) return;
  throw Error({.who = prefix_.empty() ? file_ : cat(file_, ": key '", prefix_, "'"),
               .expected = "a JSON object",
               .got = shown(value)});
}

const json* JsonObject::find(std::string_view key) const {
  asked_.emplace(key);
  const auto found = value_->find(key);
  return found == value_->end() ? nullptr : &*found;
}

int64_t JsonObject::required_in_range(std::string_view key, int64_t min, int64_t max) const {
  const auto number = required<int64_t>(key);
  if (number < min || number > max) refuse(key, cat("an integer from ", min, " to ", max), require(key));
  return number;
}

JsonObject JsonObject::object(std::string_view key) const {
  return {require(key), file_, full_key(key)};
}

std::optional<JsonObject> JsonObject::optional_object(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return object(key);
}

std::string JsonObject::who(std::string_view key) const {
  return cat(file_, ": key '", printable(full_key(key), 120), "'");
}

std::vector<std::string> JsonObject::unread_keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : value_->items()) {
    if (!asked_.contains(key)) keys.push_back(key);
  }
  return keys;
}

void JsonObject::refuse_unread_keys() const {
  constexpr size_t kMaxListed = 20;
  const std::vector<std::string> unread = unread_keys();
  if (unread.empty()) return;
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  std::vector<std::string> listed;
  for (const std::string& key : unread) {
    if (listed.size() == kMaxListed) {
      listed.push_back(cat("and ", unread.size() - kMaxListed, " more"));
      break;
    }
    const std::string meant = closest_match(key.substr(0, 100), known);
    listed.push_back(
        cat("'", printable(full_key(key), 120), "'", meant.empty() ? "" : cat(" (did you mean '", meant, "'?)")));
  }
  throw Error(
      {.who = file_, .expected = "only known keys", .got = join(listed, ", "), .hint = "remove or correct them"});
}

const json& JsonObject::require(std::string_view key) const {
  if (const json* value = find(key)) return *value;
  std::vector<std::string> present;
  for (const auto& [name, value] : value_->items()) present.push_back(name.substr(0, 100));
  const std::string meant = closest_match(key, present);
  throw Error({.who = file_,
               .expected = cat("a key '", full_key(key), "'"),
               .got = "none",
               .hint = meant.empty() ? "" : cat("the nearest key is '", printable(meant), "'")});
}

void JsonObject::refuse(std::string_view key, std::string expected, const json& got) const {
  throw Error({.who = who(key), .expected = std::move(expected), .got = shown(got)});
}

std::string JsonObject::full_key(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : cat(prefix_, ".", key);
}

}  // namespace fusion
