#include "foundation/config/yaml_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "foundation/config/fields.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

std::string yaml_refusal(std::string_view text, const YamlLimits& limits = {}) {
  return error_of([&] { parse_yaml(text, "x.yaml", limits); });
}

TEST(ParseYaml, MapsAndListsOfScalars) {
  const std::string_view text = R"(# a run
datasets:
  - json_path: a.jsonl   # words
    sampling_strategy: "first:10%"
  - {json_path: 'b c.json', sampling_strategy: all}
rates: [1, 2.5]
text: |
  two
  lines
nothing:
)";
  const json expected = {{"datasets",
                          {{{"json_path", "a.jsonl"}, {"sampling_strategy", "first:10%"}},
                           {{"json_path", "b c.json"}, {"sampling_strategy", "all"}}}},
                         {"rates", {1, 2.5}},
                         {"text", "two\nlines\n"},
                         {"nothing", nullptr}};
  EXPECT_EQ(parse_yaml(text, "x.yaml"), expected);
  EXPECT_EQ(parse_yaml("", "x.yaml"), nullptr);
  EXPECT_EQ(parse_yaml("\xEF\xBB\xBFgr\xC3\xBC\xC3\x9F: \"\xE2\x82\xAC\"\n", "x.yaml"),
            json({{"gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC"}}));
}

TEST(ParseYaml, PlainScalarsFollowTheCoreSchema) {
  const auto value = [](const std::string& text) { return parse_yaml("v: " + text, "x.yaml")["v"]; };
  for (const char* text : {"true", "True", "TRUE"}) EXPECT_EQ(value(text), true) << text;
  for (const char* text : {"false", "False"}) EXPECT_EQ(value(text), false) << text;
  for (const char* text : {"null", "~", "", "NULL"}) EXPECT_EQ(value(text), nullptr) << text;
  EXPECT_EQ(value("2e-5"), 2e-5);
  EXPECT_EQ(value("+1."), 1.0);
  EXPECT_EQ(value("-.5E+2"), -50.0);
  EXPECT_EQ(value("-017"), -17);
  EXPECT_EQ(value("0x1F"), 31);
  EXPECT_EQ(value("0o17"), 15);
  EXPECT_EQ(value("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(value("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(value("7").is_number_integer());
  EXPECT_TRUE(value("7.0").is_number_float());
  for (const char* text : {"yes", "on", "1_000", "1e", "e5", ".", "+", "0x", "1.2.3", "4,16,36", "12:30"}) {
    EXPECT_EQ(value(text), text);
  }
  EXPECT_EQ(value("'7'"), "7");
  EXPECT_EQ(value("\"true\""), "true");
  EXPECT_EQ(value("''"), "");
}

TEST(ParseYaml, RefusesNumbersThatJsonCannotCarry) {
  EXPECT_THAT(yaml_refusal("a: 1\nb: .nan"), HasSubstr("line 2, column 4: expected a finite number"));
  EXPECT_THAT(yaml_refusal("a: -.inf"), HasSubstr("finite"));
  EXPECT_THAT(yaml_refusal("a: 1e999"), HasSubstr("finite"));
  EXPECT_THAT(yaml_refusal("a: 18446744073709551616"), HasSubstr("64 bits"));
  EXPECT_THAT(yaml_refusal("a: -9223372036854775809"), HasSubstr("64 bits"));
}

TEST(ParseYaml, SyntaxErrorsNameFileLineAndColumn) {
  EXPECT_THAT(yaml_refusal("a: 1\nb: [1, 2\nc: 3\n"), AllOf(HasSubstr("x.yaml: line "), HasSubstr("valid YAML")));
  EXPECT_THAT(yaml_refusal("a: b: c"), HasSubstr("x.yaml: line 1, column 5: expected valid YAML"));
  EXPECT_THAT(yaml_refusal("a: 'open"), HasSubstr("valid YAML"));
  EXPECT_THAT(yaml_refusal("a: *none"), HasSubstr("valid YAML"));
  EXPECT_THAT(yaml_refusal("a: {b: 1"), HasSubstr("valid YAML"));
}

TEST(ParseYaml, RefusesWhatTheParserWouldRepairOrCutShort) {
  EXPECT_THAT(yaml_refusal("a: 1\nb: \xff"), AllOf(HasSubstr("line 2, column 4"), HasSubstr("UTF-8")));
  EXPECT_THAT(yaml_refusal("\xff\xfe"
                           "a\0:\0"),
              HasSubstr("UTF-8"));
  EXPECT_THAT(yaml_refusal("a: \xe2\x82"), HasSubstr("UTF-8"));
  EXPECT_THAT(yaml_refusal("a: 1\n\x04\nb: 2\n"),
              AllOf(HasSubstr("line 2, column 1"), HasSubstr("a control character")));
  EXPECT_THAT(yaml_refusal(std::string_view("a: \0", 4)), HasSubstr("a control character"));
}

TEST(ParseYaml, RefusesRepeatedAndStrangeKeys) {
  EXPECT_THAT(yaml_refusal("a: 1\nb: {k: 1, k: 2}"), AllOf(HasSubstr("line 2, column 11"), HasSubstr("a second 'k'")));
  EXPECT_THAT(yaml_refusal("a: 1\n'a': 1"), HasSubstr("a second 'a'"));
  EXPECT_THAT(yaml_refusal("? [1, 2]\n: 3"), HasSubstr("a key that is a scalar"));
  EXPECT_THAT(yaml_refusal("? {a: 1}\n: 3"), HasSubstr("a key that is a scalar"));
  EXPECT_THAT(yaml_refusal("~: 3"), HasSubstr("expected a key"));
  EXPECT_THAT(yaml_refusal("b: &x k\n*x : 3"), HasSubstr("an alias"));
  EXPECT_THAT(yaml_refusal("&x k: 3"), HasSubstr("a key without an anchor"));
  EXPECT_THAT(yaml_refusal("a: &x {k: 1}\nb: {<<: *x}"), HasSubstr("a merge key"));
  EXPECT_EQ(parse_yaml("{7: x, true: y}", "x.yaml"), json({{"7", "x"}, {"true", "y"}}));
}

TEST(ParseYaml, RefusesTagsAndFurtherDocuments) {
  EXPECT_THAT(yaml_refusal("a: !!python/object:os.system x"),
              HasSubstr("line 1, column 4: expected a value without a tag"));
  EXPECT_THAT(yaml_refusal("a: !!str 7"), HasSubstr("text stands in quotes"));
  EXPECT_THAT(yaml_refusal("a: !mine [1]"), HasSubstr("without a tag"));
  EXPECT_THAT(yaml_refusal("a: 1\n---\nb: 2\n"), AllOf(HasSubstr("line 2"), HasSubstr("expected one document")));
  EXPECT_EQ(parse_yaml("---\na: 1\n...\n", "x.yaml")["a"], 1);
}

TEST(ParseYaml, AliasesStandForWhatWasWritten) {
  const json value = parse_yaml("a: &x {k: [1, 2]}\nb: *x\nc: &y text\nd: [*y, *x]\n", "x.yaml");
  EXPECT_EQ(value["b"], value["a"]);
  EXPECT_EQ(value["d"], json({"text", {{"k", {1, 2}}}}));
  EXPECT_THAT(yaml_refusal("a: &x [1, *x]"), HasSubstr("inside its own anchor"));
}

TEST(ParseYaml, AliasBombsCostNothing) {
  std::string wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    wide += cat("a", i, ": &a", i, " [");
    for (int k = 0; k < 10; ++k) wide += cat(k == 0 ? "" : ", ", "*a", i - 1);
    wide += "]\n";
  }
  EXPECT_THAT(yaml_refusal(wide), AllOf(HasSubstr("x.yaml: line 6"), HasSubstr("at most 200000 values")));

  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) deep += cat("a", i, ": &a", i, " [*a", i - 1, "]\n");
  EXPECT_THAT(yaml_refusal(deep), AllOf(HasSubstr("line 64"), HasSubstr("64 levels")));

  std::string long_text = cat("a: &a ", std::string(1000, 'x'), "\nb: [");
  for (int i = 0; i < 50; ++i) long_text += "*a, ";
  EXPECT_THAT(yaml_refusal(long_text + "]", {.max_bytes = 10'000}), HasSubstr("bytes of text"));
}

TEST(ParseYaml, LimitsAreKept) {
  EXPECT_THAT(yaml_refusal("[[[[1]]]]", {.max_depth = 3}), AllOf(HasSubstr("column 4"), HasSubstr("3 levels")));
  EXPECT_NO_THROW(parse_yaml("[[[[1]]]]", "x.yaml", {.max_depth = 4}));
  EXPECT_THAT(yaml_refusal("[1, 2, 3]", {.max_values = 3}), HasSubstr("at most 3 values"));
  EXPECT_NO_THROW(parse_yaml("[1, 2, 3]", "x.yaml", {.max_values = 4}));
  EXPECT_THAT(yaml_refusal("[1, 2]", {.max_bytes = 5}), HasSubstr("at most 5 bytes"));
  EXPECT_THAT(yaml_refusal(std::string(100'000, '[')), HasSubstr("x.yaml: line 1"));
  EXPECT_THAT(yaml_refusal(cat(std::string(100, '['), "x", std::string(100, ']'))), HasSubstr("64 levels"));
  std::string list;
  for (int i = 0; i < 1000; ++i) list += "- ";
  EXPECT_THAT(yaml_refusal(list + "x"), HasSubstr("64 levels"));
}

struct RunConfig {
  int64_t steps = 0;
  double learning_rate = 0;

  static constexpr auto fields() {
    return std::tuple(field("steps", &RunConfig::steps, "optimiser steps"),
                      field("learning_rate", &RunConfig::learning_rate, "peak"));
  }
};

TEST(ReadYamlFile, ServesJsonObjectAndFields) {
  const ScratchFolder folder;
  const std::string path = folder.put("run.yaml", "steps: 10\nlearning_rate: 2e-5\n");
  const json value = read_yaml_file(path);
  const RunConfig run = read_fields<RunConfig>(JsonObject(value, path));
  EXPECT_EQ(run.steps, 10);
  EXPECT_EQ(run.learning_rate, 2e-5);

  const json typo = parse_yaml("steps: 10\nlearning_rate: 1\nlearnin_rate: 2\n", "run.yaml");
  EXPECT_THAT(error_of([&] { read_fields<RunConfig>(JsonObject(typo, "run.yaml")); }),
              HasSubstr("'learnin_rate' (did you mean 'learning_rate'?)"));
}

TEST(ReadYamlFile, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { read_yaml_file(folder / "none.yaml"); }), HasSubstr("none.yaml"));
  EXPECT_THAT(error_of([&] { read_yaml_file("/dev/zero"); }), HasSubstr("a device"));
  EXPECT_THAT(error_of([&] { read_yaml_file(folder.put("big.yaml", "[1, 2, 3]"), {.max_bytes = 8}); }),
              HasSubstr("at most 8 bytes"));
}

}  // namespace
}  // namespace fusion
