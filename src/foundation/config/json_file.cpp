#include "foundation/config/json_file.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;

/// Walks a text and notes how far the parser has come, which its callbacks do not tell.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** seen) : at_(at), seen_(seen) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  TrackedIterator operator++(int) {
    TrackedIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const TrackedIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** seen_;
};

/// nlohmann's own builder keeps the last of two equal keys in silence and has no limits; this one refuses.
class StrictBuilder {
 public:
  StrictBuilder(std::string_view text, const std::string& who, const JsonLimits& limits)
      : text_(text), who_(who), limits_(limits), position_(text.data()) {}

  const char** position() { return &position_; }
  json take() { return std::move(root_); }

  bool null() { return put(json(nullptr)) != nullptr; }
  bool boolean(bool value) { return put(json(value)) != nullptr; }
  bool number_integer(json::number_integer_t value) { return put(json(value)) != nullptr; }
  bool number_unsigned(json::number_unsigned_t value) { return put(json(value)) != nullptr; }
  bool number_float(json::number_float_t value, const std::string& /*spelling*/) { return put(json(value)) != nullptr; }
  bool string(std::string& value) { return put(json(std::move(value))) != nullptr; }
  bool binary(json::binary_t& /*value*/) { return false; }
  bool start_object(size_t /*count*/) { return open(json::object()); }
  bool start_array(size_t /*count*/) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    auto [slot, fresh] = stack_.back()->get_ref<json::object_t&>().try_emplace(name);
    if (!fresh) fail("every key once", cat("a second '", printable(name), "'"));
    slot_ = &slot->second;
    return true;
  }

  bool parse_error(size_t position, const std::string& /*last_token*/, const json::exception& error) {
    // Behind a number the iterator is one character further than the error.
    position_ = text_.data() + std::min(position, text_.size());
    // The library's text repeats the position; only what follows its own prefix says something new.
    const std::string_view what = error.what();
    const size_t detail = what.find(": ");
    fail("valid JSON", printable(detail == std::string_view::npos ? what : what.substr(detail + 2), 160));
  }

 private:
  [[noreturn]] void fail(std::string expected, std::string got) const {
    const std::string_view before = text_.substr(0, static_cast<size_t>(position_ - text_.data()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
    throw Error({.who = cat(who_, ": line ", line, ", column ", before.size() - line_start),
                 .expected = std::move(expected),
                 .got = std::move(got)});
  }

  json* put(json value) {
    if (++values_ > limits_.max_values) fail(cat("at most ", limits_.max_values, " values"), "more");
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *stack_.back();
    if (parent.is_array()) {
      auto& elements = parent.get_ref<json::array_t&>();
      elements.push_back(std::move(value));
      return &elements.back();
    }
    *slot_ = std::move(value);
    return slot_;
  }

  bool open(json value) {
    json* opened = put(std::move(value));
    if (stack_.size() >= static_cast<size_t>(limits_.max_depth)) {
      fail(cat("at most ", limits_.max_depth, " levels of nesting"), "more");
    }
    stack_.push_back(opened);
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& who_;
  const JsonLimits& limits_;
  const char* position_;
  json root_;
  json* slot_ = nullptr;
  std::vector<json*> stack_;
  uint64_t values_ = 0;
};

}  // namespace

json parse_json(std::string_view text, const std::string& who, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    throw Error({.who = who, .expected = cat("at most ", limits.max_bytes, " bytes"), .got = cat(text.size())});
  }
  StrictBuilder builder(text, who, limits);
  const char* begin = text.data();
  const char* end = begin + text.size();
  json::sax_parse(TrackedIterator(begin, builder.position()), TrackedIterator(end, builder.position()), &builder);
  return builder.take();
}

json read_json_file(const std::string& path, const JsonLimits& limits) {
  return parse_json(read_text_file(path, limits.max_bytes), path, limits);
}

}  // namespace fusion
