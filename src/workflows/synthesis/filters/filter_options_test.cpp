#include "workflows/synthesis/filters/filter_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "foundation/config/test_support.h"
#include "foundation/config/yaml_file.h"
#include "workflows/synthesis/filters/make_judge.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

FilterOptions read(const std::string& yaml) {
  return read_filter_options(parse_yaml(yaml, "recipe"), "recipe", "filters");
}

std::string problem_of(const std::string& yaml) {
  return error_of([&] { (void)read(yaml); });
}

TEST(FilterOptions, AreReadBySection) {
  const FilterOptions options = read(R"(
duplicate_caption: {similarity: 0.9, shingle: 2}
language: false
balance: true
leakage: {benchmarks: [a, b]}
blank_picture: {enabled: false}
)");
  EXPECT_EQ(options.duplicate_caption.similarity, 0.9);
  EXPECT_EQ(options.duplicate_caption.shingle, 2);
  EXPECT_FALSE(options.language.enabled);
  EXPECT_TRUE(options.balance.enabled);
  EXPECT_THAT(options.leakage.benchmarks, testing::ElementsAre("a", "b"));
  EXPECT_FALSE(options.blank_picture.enabled);
  EXPECT_TRUE(options.caption_length.enabled);
}

TEST(FilterOptions, OutliveWritingAndReading) {
  FilterOptions options = read("{caption_length: {min_words: 7}, refusal: {phrases: [nope]}, choice: false}");
  const nlohmann::ordered_json json = filter_options_to_json(options);
  EXPECT_EQ(filter_options_to_json(read_filter_options(nlohmann::json(json), "again", "")), json);
  EXPECT_EQ(json["caption_length"]["min_words"], 7);
}

TEST(FilterOptions, RefuseWhatTheyDoNotKnow) {
  EXPECT_THAT(problem_of("duplicate_captions: {}"),
              AllOf(HasSubstr("duplicate_captions"), HasSubstr("duplicate_caption'")));
  EXPECT_THAT(problem_of("balance: {yesno: 0.5}"), AllOf(HasSubstr("yesno"), HasSubstr("yes_no")));
  EXPECT_THAT(problem_of("balance: 0.5"), HasSubstr("filters.balance"));
  EXPECT_THAT(problem_of("balance: {slack: many}"), HasSubstr("filters.balance.slack"));
  EXPECT_THAT(problem_of("- balance"), HasSubstr("recipe"));
}

TEST(FilterOptions, RefuseValuesOutOfTheirRange) {
  EXPECT_THAT(problem_of("duplicate_caption: {similarity: 1.5}"),
              AllOf(HasSubstr("filters.duplicate_caption"), HasSubstr("similarity"), HasSubstr("1.5")));
  EXPECT_THAT(problem_of("caption_length: {min_words: 9, max_words: 8}"), HasSubstr("max_words"));
  EXPECT_THAT(problem_of("duplicate_picture: {distance: 8}"), HasSubstr("distance"));
  EXPECT_THAT(problem_of("leakage: {words: 0}"), HasSubstr("words"));
  FilterOptions options;
  options.balance.yes_no = 0.1;
  const KindRegistry kinds;
  EXPECT_THAT(error_of([&] { (void)make_judge(options, kinds); }), HasSubstr("filters.balance.yes_no"));
}

TEST(FilterInfos, NameEachFilterOnce) {
  std::set<std::string_view> names;
  for (const FilterInfo& info : filter_infos()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.help.empty()) << info.name;
  }
  EXPECT_EQ(filter_infos().back().name, "nothing_left");
  EXPECT_THAT(describe_filters(), AllOf(HasSubstr("duplicate_caption"), HasSubstr("similarity"), HasSubstr("0.8")));
}

}  // namespace
}  // namespace fusion
