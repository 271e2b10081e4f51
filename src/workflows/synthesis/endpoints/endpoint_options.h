#pragma once
// What a recipe says about an OpenAI-compatible endpoint.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "foundation/config/fields.h"

namespace fusion {

struct EndpointOptions {
  std::string base_url;
  std::string model;
  std::string key_variable;  ///< never the key itself: recipes are shared
  double timeout = 180;      ///< seconds
  int64_t max_attempts = 6;
  int64_t max_failures_in_a_row = 16;
  int64_t max_reasks = 2;
  double requests_per_minute = 0;
  int64_t concurrency = 16;
  std::optional<double> temperature;
  int64_t max_tokens = 1500;
  bool json_mode = true;
  bool send_seed = false;
  double price_per_million_input_tokens = 0;
  double price_per_million_output_tokens = 0;
  double price_per_picture = 0;

  static constexpr auto fields() {
    using Self = EndpointOptions;
    return std::tuple(
        field("base_url", &Self::base_url, "where its paths begin: https://HOST/v1"),
        field("model", &Self::model, "name of the model, as the server knows it"),
        defaulted("key_variable", &Self::key_variable, "environment variable that holds the key; \"\": none is sent"),
        defaulted("timeout", &Self::timeout, "seconds that one call may take"),
        defaulted("max_attempts", &Self::max_attempts, "calls made for one answer, where they fail"),
        defaulted("max_failures_in_a_row", &Self::max_failures_in_a_row, "calls given up, after which the run stops"),
        defaulted("max_reasks", &Self::max_reasks, "further calls where an answer could not be used"),
        defaulted("requests_per_minute", &Self::requests_per_minute, "at most; 0: no limit"),
        defaulted("concurrency", &Self::concurrency, "calls at a time, at most"),
        defaulted("temperature", &Self::temperature, "0 to 2; null: the server's own"),
        defaulted("max_tokens", &Self::max_tokens,
                  "of one answer, at most; sent as max_completion_tokens where the server asks for that"),
        defaulted("json_mode", &Self::json_mode, "whether to ask for response_format json_object"),
        defaulted("send_seed", &Self::send_seed, "whether to send a seed, for servers that repeat their answers"),
        defaulted("price_per_million_input_tokens", &Self::price_per_million_input_tokens, "in any currency"),
        defaulted("price_per_million_output_tokens", &Self::price_per_million_output_tokens, "in the same"),
        defaulted("price_per_picture", &Self::price_per_picture, "in the same"));
  }
};

/// Throws Error on an unknown or missing key, on a value out of its range, and on a key_variable that is no name of a
/// variable in capitals, as a key itself would be: that one is not repeated.
EndpointOptions read_endpoint_options(const JsonObject& object);

/// The key from the environment; "" where no variable is named. Throws Error that names the variable where it is
/// missing, empty or holds what no header can.
std::string endpoint_key(const EndpointOptions& options);

}  // namespace fusion
