#include "workflows/synthesis/endpoints/endpoint_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/endpoints/image_endpoint.h"

namespace fusion {
namespace {

using testing::HasSubstr;
using testing::Not;

EndpointOptions read(const nlohmann::json& json) {
  return read_endpoint_options(JsonObject(json, "recipe.yaml", "text"));
}

nlohmann::json with(const std::string& key, const nlohmann::json& value) {
  nlohmann::json json{{"base_url", "https://api.example.org/v1"}, {"model", "m"}};
  json[key] = value;
  return json;
}

TEST(EndpointOptions, NeedAnAddressAndAModel) {
  const EndpointOptions options = read(with("timeout", 5));
  EXPECT_EQ(options.base_url, "https://api.example.org/v1");
  EXPECT_EQ(options.timeout, 5);
  EXPECT_EQ(options.key_variable, "");
  EXPECT_THAT(error_of([] { read({{"model", "m"}}); }), HasSubstr("base_url"));
  EXPECT_THAT(error_of([] { read({{"base_url", "http://a"}}); }), HasSubstr("model"));
  EXPECT_THAT(error_of([] { read(with("model", "")); }), HasSubstr("the name of a model"));
  EXPECT_THAT(error_of([] { read(with("base_url", "api.example.org/v1")); }),
              HasSubstr("recipe.yaml: key 'text.base_url': expected an address that begins with http"));
}

TEST(EndpointOptions, RefuseAnAddressWithAQueryWithoutRepeatingIt) {
  const std::string message = error_of([] { read(with("base_url", "https://api.example.org/v1?api-key=sesame")); });
  EXPECT_THAT(message, HasSubstr("text.base_url': expected an address without a query"));
  EXPECT_THAT(message, Not(HasSubstr("sesame")));
}

TEST(EndpointOptions, NameTheKeyThatATypoResembles) {
  EXPECT_THAT(error_of([] { read(with("max_atempts", 3)); }), HasSubstr("max_attempts"));
}

TEST(EndpointOptions, RefuseNumbersOutOfRange) {
  const std::vector<std::pair<std::string, double>> broken = {
      {"timeout", 0.0}, {"timeout", -1.0}, {"temperature", 3.0}};
  for (const auto& [key, value] : broken) {
    EXPECT_THAT(error_of([&] { read(with(key, value)); }), HasSubstr(cat("text.", key))) << value;
  }
  for (const char* key : {"max_attempts", "max_failures_in_a_row", "max_reasks", "requests_per_minute", "concurrency",
                          "max_tokens", "price_per_picture"}) {
    EXPECT_THAT(error_of([&] { read(with(key, -1)); }), HasSubstr(cat("text.", key)));
  }
}

TEST(EndpointOptions, RefuseTheKeyItselfWithoutRepeatingIt) {
  for (const char* key : {"sk-proj-abc123DEF", "hf_abcDEF123", "gsk_sesame", "Bearer sesame"}) {
    const std::string message = error_of([&] { read(with("key_variable", key)); });
    EXPECT_THAT(message, HasSubstr("the name of an environment variable"));
    EXPECT_THAT(message, Not(HasSubstr(key)));
  }
  EXPECT_THAT(error_of([] { read(with("api_key", "sesame")); }), Not(HasSubstr("sesame")));
}

TEST(EndpointOptions, TakeTheKeyFromTheEnvironment) {
  const EndpointOptions options = read(with("key_variable", "FUSION_TEST_KEY"));
  ::unsetenv("FUSION_TEST_KEY");
  EXPECT_THAT(error_of([&] { endpoint_key(options); }),
              HasSubstr("environment variable FUSION_TEST_KEY: expected the key"));
  ::setenv("FUSION_TEST_KEY", "", 1);
  EXPECT_THAT(error_of([&] { endpoint_key(options); }), HasSubstr("an empty one"));
  ::setenv("FUSION_TEST_KEY", "sesame\n", 1);
  const std::string message = error_of([&] { endpoint_key(options); });
  EXPECT_THAT(message, HasSubstr("line breaks"));
  EXPECT_THAT(message, Not(HasSubstr("sesame")));
  ::setenv("FUSION_TEST_KEY", "sesame", 1);
  EXPECT_EQ(endpoint_key(options), "sesame");
  ::unsetenv("FUSION_TEST_KEY");
  EXPECT_EQ(endpoint_key(read(with("key_variable", ""))), "");
}

TEST(ImageOptions, RefuseOtherSizesAndReplies) {
  const auto read_image = [](const nlohmann::json& json) {
    return read_image_options(JsonObject(json, "recipe.yaml"));
  };
  EXPECT_EQ(read_image({{"width", 384}, {"reply", ""}}).width, 384);
  EXPECT_THAT(error_of([&] { read_image({{"width", 0}}); }), HasSubstr("64 to 4096"));
  EXPECT_THAT(error_of([&] { read_image({{"height", 100'000}}); }), HasSubstr("64 to 4096"));
  EXPECT_THAT(error_of([&] { read_image({{"reply", "png"}}); }), HasSubstr("b64_json"));
}

}  // namespace
}  // namespace fusion
