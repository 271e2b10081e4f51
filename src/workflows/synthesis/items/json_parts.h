#pragma once
// Writing and reading JSON objects in which a field that holds nothing is left out.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

/// Adds the value under `key`, but not an empty one: "", [], 0, false.
template <class T>
void put(nlohmann::ordered_json& object, std::string_view key, const T& value) {
  if (value != T{}) object[std::string(key)] = value;
}

/// The value under `key`, or an empty one where there is none.
template <class T>
void get(const JsonObject& object, std::string_view key, T& value) {
  value = object.optional<T>(key).value_or(T{});
}

/// A list of what `write` makes of each element; nothing where there are none.
template <class T, class Write>
void put_list(nlohmann::ordered_json& object, std::string_view key, const std::vector<T>& values, const Write& write) {
  if (values.empty()) return;
  auto list = nlohmann::ordered_json::array();
  for (const T& value : values) list.push_back(write(value));
  object[std::string(key)] = std::move(list);
}

/// What `read(json, where)` makes of each element of the list under `key`; empty where there is none.
template <class T, class Read>
void get_list(const JsonObject& object, std::string_view key, std::vector<T>& values, const Read& read) {
  values.clear();
  const nlohmann::json* list = object.find(key);
  if (list == nullptr) return;
  if (!list->is_array()) throw Error({.who = object.who(key), .expected = "a list", .got = list->type_name()});
  values.reserve(list->size());
  for (size_t i = 0; i < list->size(); ++i) values.push_back(read((*list)[i], cat(object.who(key), "[", i, "]")));
}

}  // namespace fusion
