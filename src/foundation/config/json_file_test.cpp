#include "foundation/config/json_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
  return error_of([&] { parse_json(text, "x.json", limits); });
}

TEST(ParseJson, KeepsEveryKindOfValue) {
  const std::string_view text = R"({"a":[1,-2,2.5,true,null,"é"],"b":{"c":{}},"d":18446744073709551615})";
  EXPECT_EQ(parse_json(text, "x.json").dump(), text);
  EXPECT_EQ(parse_json(" 7 ", "x.json"), 7);
}

TEST(ParseJson, SyntaxErrorsNameFileLineAndColumn) {
  EXPECT_THAT(refusal("{\n  \"a\": 1,\n  \"b\" 2\n}"), AllOf(HasSubstr("x.json: line 3, column 7"), HasSubstr("':'")));
  EXPECT_THAT(refusal(""), HasSubstr("line 1, column 0"));
  EXPECT_THAT(refusal("{} x"), HasSubstr("line 1, column 4"));
  EXPECT_THAT(refusal("[1,]"), HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("[NaN]"), HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("[1e999]"), HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("// no comments\n{}"), HasSubstr("valid JSON"));
}

TEST(ParseJson, RefusesBrokenUtf8) {
  EXPECT_THAT(refusal("{\"a\": \"\xff\"}"), HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("{\"\xc3\x28\": 1}"), HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("{\"a\": \"\\ud800\"}"), HasSubstr("valid JSON"));
}

TEST(ParseJson, RefusesRepeatedKeysWhereTheyStand) {
  EXPECT_THAT(refusal("{\"a\": 1,\n \"a\": 2}"), AllOf(HasSubstr("line 2, column 4"), HasSubstr("a second 'a'")));
  EXPECT_THAT(refusal(R"({"x": {"k": 1, "k": 1}})"), HasSubstr("a second 'k'"));
  EXPECT_EQ(parse_json(R"({"x": {"k": 1}, "y": {"k": 2}})", "x.json")["y"]["k"], 2);
}

TEST(ParseJson, LimitsAreKept) {
  EXPECT_THAT(refusal("[[[[1]]]]", {.max_depth = 3}), HasSubstr("3 levels"));
  EXPECT_NO_THROW(parse_json("[[[[1]]]]", "x.json", {.max_depth = 4}));
  EXPECT_THAT(refusal("[1,2,3]", {.max_values = 3}), HasSubstr("at most 3 values"));
  EXPECT_NO_THROW(parse_json("[1,2,3]", "x.json", {.max_values = 4}));
  EXPECT_THAT(refusal("[1,2,3]", {.max_bytes = 6}), HasSubstr("at most 6 bytes"));
  EXPECT_THAT(refusal(std::string(1'000'000, '[')), HasSubstr("levels of nesting"));
}

TEST(ReadJsonFile, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { read_json_file(folder / "none.json"); }), HasSubstr("none.json"));
  EXPECT_THAT(error_of([&] { read_json_file(folder.path()); }), HasSubstr("a folder"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { read_json_file(folder / "pipe"); }), HasSubstr("a pipe"));
  EXPECT_THAT(error_of([&] { read_json_file("/dev/zero"); }), HasSubstr("a device"));
  EXPECT_THAT(error_of([&] { read_json_file(std::string("a\0b", 3)); }), HasSubstr("NUL"));
  EXPECT_THAT(error_of([&] { read_json_file(folder.put("big.json", "[1, 2, 3]"), {.max_bytes = 8}); }),
              HasSubstr("at most 8 bytes"));
}

TEST(ReadJsonFile, ReadsTheGoldenConfigs) {
  const auto config = read_json_file(FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4/config.json");
  EXPECT_EQ(config.at("model_type"), "fusion_phi");
}

}  // namespace
}  // namespace fusion
