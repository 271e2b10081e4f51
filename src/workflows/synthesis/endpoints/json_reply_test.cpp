#include "workflows/synthesis/endpoints/json_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const json kWanted = {{"a", {1, 2}}, {"b", "x"}};

TEST(JsonReply, FindsTheObjectAroundWhichThereIsOtherText) {
  for (const char* reply : {R"({"a": [1, 2], "b": "x"})", "```json\n{\"a\": [1, 2], \"b\": \"x\"}\n```",
                            R"(Sure! Here you are: {"a": [1, 2], "b": "x"} Anything {else}?)",
                            R"(A {set} is not JSON, but this is: {"a": [1, 2], "b": "x"})",
                            R"(<think>{"a": 0}? No.</think> {"a": [1, 2], "b": "x"})"}) {
    EXPECT_EQ(json_of_reply(reply), kWanted) << reply;
  }
}

TEST(JsonReply, DropsCommasBeforeBrackets) {
  EXPECT_EQ(json_of_reply("{\"a\": [1, 2,], \"b\": \"x\" ,\n }"), kWanted);
  EXPECT_EQ(json_of_reply(R"({"b": "a,}", "c": ",]"})"), (json{{"b", "a,}"}, {"c", ",]"}})) << "those in strings stay";
}

TEST(JsonReply, TakesLineBreaksInStrings) {
  EXPECT_EQ(json_of_reply("{\"a\": \"one\ntwo\tthree\"}"), (json{{"a", "one\ntwo three"}}));
  EXPECT_EQ(json_of_reply(R"({"a": "say \"{\" and \\"})"), (json{{"a", R"(say "{" and \)"}}));
}

TEST(JsonReply, SaysWhatIsMissing) {
  EXPECT_THAT(error_of([] { json_of_reply(""); }), HasSubstr("nothing"));
  EXPECT_THAT(error_of([] { json_of_reply("I would rather not."); }), HasSubstr("no object in \"I would rather not."));
  EXPECT_THAT(error_of([] { json_of_reply("[1, 2]"); }), HasSubstr("no object"));
  for (const char* cut : {"{", R"({"a": [1, 2)", R"({"a": "x)", R"({"a": "x\)", R"({"c": [{"a": 1}, {"b)"}) {
    EXPECT_THAT(error_of([&] { json_of_reply(cut); }), HasSubstr("breaks off")) << cut;
  }
  EXPECT_THAT(error_of([] { json_of_reply("{'a': 1}"); }), HasSubstr("the reply: expected one JSON object"));
  EXPECT_THAT(error_of([] { json_of_reply(R"({"a": 1, "a": 2})"); }), HasSubstr("expected one JSON object"));
  EXPECT_THAT(error_of([] { json_of_reply("{\"a\": \"\xff\"}"); }), HasSubstr("expected one JSON object"));
}

TEST(JsonReply, IsBounded) {
  EXPECT_THAT(error_of([] { json_of_reply(std::string(300'000, ' ')); }), HasSubstr("far too long"));
  const std::string deep = std::string(1000, '[');
  const std::string nested = "{\"a\": " + deep + std::string(1000, ']') + "}";
  EXPECT_THAT(error_of([&] { json_of_reply(nested); }), HasSubstr("expected one JSON object"));
  std::string many = "{\"a\": [0";
  for (int i = 0; i < 30'000; ++i) many += ",0";
  EXPECT_THAT(error_of([&] { json_of_reply(many + "]}"); }), HasSubstr("expected one JSON object"));
  std::string braces;
  for (int i = 0; i < 60'000; ++i) braces += "{}x}";
  EXPECT_EQ(json_of_reply(braces), json::object()) << "and not in quadratic time";
}

}  // namespace
}  // namespace fusion
