#pragma once
// One list of fields per struct drives reading, writing, comparing and help.
//
//     struct SamplerOptions {
//       int64_t max_new_tokens = 0;
//       double temperature = 0.2;
//       std::optional<int64_t> top_k;
//
//       static constexpr auto fields() {
//         return std::tuple(field("max_new_tokens", &SamplerOptions::max_new_tokens, "stop after so many"),
//                           defaulted("temperature", &SamplerOptions::temperature, "0 is greedy"),
//                           field("top_k", &SamplerOptions::top_k, "draw from the k likeliest"));
//       }
//     };
//     const auto options = read_fields<SamplerOptions>(JsonObject(json, path));

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "foundation/config/json_object.h"
#include "foundation/core/text.h"

namespace fusion {

/// Name, place and help of one member. T: bool, int64_t, double, std::string, a vector or an optional of one of those.
template <class Struct, class T>
struct Field {
  std::string_view name;
  T Struct::* member;
  std::string_view help;
  bool may_be_missing;  ///< then the member keeps the value that the struct gives it
};

namespace fields_detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
nlohmann::ordered_json to_json(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? to_json(*value) : nlohmann::ordered_json(nullptr);
  } else {
    return value;
  }
}

template <class Struct, class Visit>
void for_each(const Visit& visit) {
  std::apply([&visit](const auto&... each) { (visit(each), ...); }, Struct::fields());
}

}  // namespace fields_detail

/// A field that every file must give; an optional member may be left out.
template <class Struct, class T>
constexpr Field<Struct, T> field(std::string_view name, T Struct::* member, std::string_view help) {
  return {name, member, help, fields_detail::IsOptional<T>::value};
}

/// A field that may be left out. Never for the size of a network: a missing size is an error.
template <class Struct, class T>
constexpr Field<Struct, T> defaulted(std::string_view name, T Struct::* member, std::string_view help) {
  return {name, member, help, true};
}

/// Throws Error on a missing field, a wrong type or a key that is no field (with the name it resembles).
template <class Struct>
Struct read_fields(const JsonObject& object) {
  Struct out{};
  fields_detail::for_each<Struct>([&]<class T>(const Field<Struct, T>& each) {
    if (each.may_be_missing && object.find(each.name) == nullptr) return;
    out.*each.member = object.required<T>(each.name);
  });
  object.refuse_unread_keys();
  return out;
}

/// The struct as JSON, in the order of its fields; an empty optional becomes null.
template <class Struct>
nlohmann::ordered_json write_fields(const Struct& value) {
  auto object = nlohmann::ordered_json::object();
  fields_detail::for_each<Struct>([&]<class T>(const Field<Struct, T>& each) {
    object[std::string(each.name)] = fields_detail::to_json(value.*each.member);
  });
  return object;
}

/// One line for each field in which the two differ: "temperature: 0.2 and 0.5". Empty when they are equal.
template <class Struct>
std::vector<std::string> differing_fields(const Struct& a, const Struct& b) {
  std::vector<std::string> lines;
  fields_detail::for_each<Struct>([&]<class T>(const Field<Struct, T>& each) {
    if (a.*each.member == b.*each.member) return;
    lines.push_back(cat(each.name, ": ", fields_detail::to_json(a.*each.member).dump(), " and ",
                        fields_detail::to_json(b.*each.member).dump()));
  });
  return lines;
}

template <class Struct>
bool equal_fields(const Struct& a, const Struct& b) {
  return differing_fields(a, b).empty();
}

/// Help text, a line for each field, names in a column of their own: what it means, its type, and what holds where it
/// is left out.
template <class Struct>
std::string describe_fields() {
  const Struct defaults{};
  size_t width = 0;
  fields_detail::for_each<Struct>([&](const auto& each) { width = std::max(width, each.name.size()); });
  std::string text;
  fields_detail::for_each<Struct>([&]<class T>(const Field<Struct, T>& each) {
    text +=
        cat("  ", each.name, std::string(width - each.name.size() + 2, ' '), each.help, " (", JsonType<T>::name(),
            each.may_be_missing ? cat("; default ", fields_detail::to_json(defaults.*each.member).dump()) : "", ")\n");
  });
  return text;
}

}  // namespace fusion
