#include "workflows/synthesis/endpoints/endpoint_options.h"

#include <algorithm>
#include <cstdlib>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/http/url.h"

namespace fusion {
namespace {

bool names_a_variable(const std::string& text) {
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return text.size() <= 64 && !(text.front() >= '0' && text.front() <= '9') && std::ranges::all_of(text, fits);
}

template <class T>
void require_between(const JsonObject& object, std::string_view key, T value, T min, T max) {
  if (value >= min && value <= max) return;
  throw Error({.who = object.who(key), .expected = cat("a number from ", min, " to ", max), .got = cat(value)});
}

}  // namespace

EndpointOptions read_endpoint_options(const JsonObject& object) {
  EndpointOptions options = read_fields<EndpointOptions>(object);
  if (parse_url(options.base_url, object.who("base_url")).target.find('?') != std::string::npos) {
    throw Error({.who = object.who("base_url"),
                 .expected = "an address without a query",
                 .got = "one with '?'",
                 .cause = "it would be sent with no call, and end up in the data card",
                 .hint = "a key belongs in an environment variable: key_variable"});
  }
  if (options.model.empty()) {
    throw Error({.who = object.who("model"), .expected = "the name of a model", .got = "an empty text"});
  }
  if (!options.key_variable.empty() && !names_a_variable(options.key_variable)) {
    throw Error({.who = object.who("key_variable"),
                 .expected = "the name of an environment variable: capitals, digits and '_'",
                 .got = "something else",
                 .cause = "the key itself has no place in a recipe",
                 .hint = "export OPENAI_API_KEY=..., and write key_variable: OPENAI_API_KEY"});
  }
  require_between(object, "timeout", options.timeout, 0.01, 86400.0);
  require_between<int64_t>(object, "max_attempts", options.max_attempts, 1, 100);
  require_between<int64_t>(object, "max_failures_in_a_row", options.max_failures_in_a_row, 1, 1'000'000);
  require_between<int64_t>(object, "max_reasks", options.max_reasks, 0, 20);
  require_between(object, "requests_per_minute", options.requests_per_minute, 0.0, 1e6);
  require_between<int64_t>(object, "concurrency", options.concurrency, 1, 1024);
  if (options.temperature) require_between(object, "temperature", *options.temperature, 0.0, 2.0);
  require_between<int64_t>(object, "max_tokens", options.max_tokens, 1, 1'000'000);
  for (const auto& [key, price] :
       {std::pair{"price_per_million_input_tokens", options.price_per_million_input_tokens},
        std::pair{"price_per_million_output_tokens", options.price_per_million_output_tokens},
        std::pair{"price_per_picture", options.price_per_picture}}) {
    require_between(object, key, price, 0.0, 1e9);
  }
  return options;
}

std::string endpoint_key(const EndpointOptions& options) {
  if (options.key_variable.empty()) return "";
  const char* value = std::getenv(options.key_variable.c_str());
  const std::string key = value == nullptr ? "" : value;
  const bool printable_key = std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!key.empty() && printable_key) return key;
  throw Error({.who = cat("environment variable ", options.key_variable),
               .expected = cat("the key of ", options.base_url),
               .got = value == nullptr ? "no such variable"
                      : key.empty()    ? "an empty one"
                                       : "spaces, line breaks or other characters that no key has",
               .hint = cat("export ", options.key_variable, "=...")});
}

}  // namespace fusion
