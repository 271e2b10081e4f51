#include "workflows/synthesis/filters/leakage/json_strings.h"

#include <nlohmann/json.hpp>

namespace fusion {

namespace {

/// nlohmann's parser keeps its own stack on the heap, a bit a level: any nesting is safe.
class Strings final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Strings(const std::function<void(const std::string&)>& use) : use_(use) {}

  bool string(string_t& value) override {
    use_(value);
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(size_t /*elements*/) override { return true; }
  bool key(string_t& /*value*/) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t /*elements*/) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  const std::function<void(const std::string&)>& use_;
};

}  // namespace

bool for_each_json_string(std::string_view json, const std::function<void(const std::string&)>& use) {
  Strings strings(use);
  return nlohmann::json::sax_parse(json.begin(), json.end(), &strings);
}

}  // namespace fusion
