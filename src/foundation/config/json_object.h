#pragma once
// Reading a JSON object strictly: every key is asked for by name and type, and what nobody asked for can be listed.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// How a C++ type is spelled in JSON. `read` returns false where the value has another type. A number with a point or
/// an exponent is no integer, and an integer outside int64_t is none either; an integer is a fine double.
template <class T>
struct JsonType;

template <>
struct JsonType<bool> {
  static std::string name() { return "true or false"; }
  static bool read(const nlohmann::json& value, bool& out);
};
template <>
struct JsonType<int64_t> {
  static std::string name() { return "an integer"; }
  static bool read(const nlohmann::json& value, int64_t& out);
};
template <>
struct JsonType<double> {
  static std::string name() { return "a number"; }
  static bool read(const nlohmann::json& value, double& out);
};
template <>
struct JsonType<std::string> {
  static std::string name() { return "a string"; }
  static bool read(const nlohmann::json& value, std::string& out);
};
template <class T>
struct JsonType<std::vector<T>> {
  static std::string name() { return "a list, each element " + JsonType<T>::name(); }
  static bool read(const nlohmann::json& value, std::vector<T>& out) {
    if (!value.is_array()) return false;
    out.clear();
    for (const nlohmann::json& element : value) {
      T item{};
      if (!JsonType<T>::read(element, item)) return false;
      out.push_back(std::move(item));
    }
    return true;
  }
};
template <class T>
struct JsonType<std::optional<T>> {
  static std::string name() { return JsonType<T>::name() + " or null"; }
  static bool read(const nlohmann::json& value, std::optional<T>& out) {
    out.reset();
    return value.is_null() || JsonType<T>::read(value, out.emplace());
  }
};

/// A view of one JSON object of a file; the json must outlive it. Errors name the file, the whole key
/// ("rope_scaling.type"), the expected type and what was there. Not copyable: a copy would forget what was asked for.
///
///     const JsonObject config(value, "config.json");
///     const int64_t width = config.required_in_range("hidden_size", 1, 1 << 20);
///     const auto theta = config.optional<double>("rope_theta");
///     config.refuse_unread_keys();
class JsonObject {
 public:
  /// Throws Error when `value` is not an object. `prefix` is the key of the object itself inside the file, "" for the
  /// top.
  JsonObject(const nlohmann::json& value, std::string file, std::string prefix = "");
  JsonObject(nlohmann::json&& value, std::string file, std::string prefix = "") = delete;
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  JsonObject(JsonObject&&) = default;
  JsonObject& operator=(JsonObject&&) = default;

  /// The key's value; a missing key, null (unless T is optional) or another type is an Error. There is no default.
  template <class T>
  T required(std::string_view key) const {
    return convert<T>(key, require(key));
  }
  /// Nothing when the key is missing or null; another type is an Error.
  template <class T>
  std::optional<T> optional(std::string_view key) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return convert<T>(key, *value);
  }
  /// An integer with min <= value <= max.
  int64_t required_in_range(std::string_view key, int64_t min, int64_t max) const;
  /// An object inside this one.
  JsonObject object(std::string_view key) const;
  std::optional<JsonObject> optional_object(std::string_view key) const;
  /// The raw value, or null when the key is missing. Counts as asked for.
  const nlohmann::json* find(std::string_view key) const;

  const std::string& file() const { return file_; }
  /// "FILE: key 'prefix.key'": the `who` of an Error about a value of this object.
  std::string who(std::string_view key) const;
  /// Keys that nobody asked for yet, in alphabetical order.
  std::vector<std::string> unread_keys() const;
  /// Throws Error that lists the unread keys, each with the known key it resembles.
  void refuse_unread_keys() const;

 private:
  const nlohmann::json& require(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, std::string expected, const nlohmann::json& got) const;
  std::string full_key(std::string_view key) const;

  template <class T>
  T convert(std::string_view key, const nlohmann::json& value) const {
    T out{};
    if (!JsonType<T>::read(value, out)) refuse(key, JsonType<T>::name(), value);
    return out;
  }

  const nlohmann::json* value_;
  std::string file_;
  std::string prefix_;
  mutable std::set<std::string, std::less<>> asked_;
};

}  // namespace fusion
