#include "foundation/config/json_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class JsonObjectTest : public testing::Test {
 protected:
  const nlohmann::json value_ = parse_json(R"({
    "hidden_size": 3072, "ratio": 1.5, "whole": 2.0, "power": 1e3, "huge": 9223372036854775808,
    "huger": 100000000000000000000, "name": "phi", "tied": false, "nothing": null, "sizes": [1, 2], "mixed": [1, "2"],
    "rope_scaling": {"type": "longrope", "factor": -1}})",
                                           "config.json");
  const JsonObject object_{value_, "config.json"};

  template <class T>
  std::string refusal(std::string_view key) const {
    return error_of([&] { object_.required<T>(key); });
  }
};

TEST_F(JsonObjectTest, GivesTypedValues) {
  EXPECT_EQ(object_.required<int64_t>("hidden_size"), 3072);
  EXPECT_EQ(object_.required<double>("ratio"), 1.5);
  EXPECT_EQ(object_.required<double>("hidden_size"), 3072.0);
  EXPECT_EQ(object_.required<std::string>("name"), "phi");
  EXPECT_FALSE(object_.required<bool>("tied"));
  EXPECT_THAT(object_.required<std::vector<int64_t>>("sizes"), ElementsAre(1, 2));
  EXPECT_EQ(object_.required<std::optional<double>>("nothing"), std::nullopt);
  EXPECT_EQ(object_.object("rope_scaling").required<std::string>("type"), "longrope");
}

TEST_F(JsonObjectTest, WhatIsMissingHasNoDefault) {
  EXPECT_THAT(refusal<int64_t>("hidden_sise"), AllOf(HasSubstr("config.json: expected a key 'hidden_sise'"),
                                                     HasSubstr("the nearest key is 'hidden_size'")));
  EXPECT_THAT(refusal<int64_t>("nothing"), HasSubstr("got null"));
  EXPECT_EQ(object_.optional<int64_t>("absent"), std::nullopt);
  EXPECT_EQ(object_.optional<int64_t>("nothing"), std::nullopt);
  EXPECT_FALSE(object_.optional_object("absent").has_value());
}

TEST_F(JsonObjectTest, IntegersAreIntegers) {
  EXPECT_THAT(refusal<int64_t>("whole"), HasSubstr("key 'whole': expected an integer, got 2.0"));
  EXPECT_THAT(refusal<int64_t>("power"), HasSubstr("an integer, got 1000.0"));
  EXPECT_THAT(refusal<int64_t>("huge"), HasSubstr("got 9223372036854775808"));
  EXPECT_THAT(refusal<int64_t>("huger"), HasSubstr("an integer"));
  EXPECT_THAT(refusal<int64_t>("tied"), HasSubstr("got false"));
  EXPECT_EQ(object_.required_in_range("hidden_size", 1, 3072), 3072);
  EXPECT_THAT(error_of([&] { object_.required_in_range("hidden_size", 1, 3071); }), HasSubstr("from 1 to 3071"));
}

TEST_F(JsonObjectTest, WrongTypesNameTheWholeKey) {
  EXPECT_THAT(refusal<std::string>("sizes"), HasSubstr("a string, got a list of 2"));
  EXPECT_THAT(refusal<std::vector<int64_t>>("mixed"), HasSubstr("each element an integer"));
  EXPECT_THAT(refusal<bool>("name"), HasSubstr("true or false, got \"phi\""));
  const JsonObject rope = object_.object("rope_scaling");
  EXPECT_THAT(error_of([&] { rope.required_in_range("factor", 0, 9); }),
              HasSubstr("config.json: key 'rope_scaling.factor': expected an integer from 0 to 9, got -1"));
  EXPECT_THAT(error_of([&] { object_.object("name"); }), HasSubstr("key 'name': expected a JSON object"));
  EXPECT_THAT(error_of([&] { JsonObject(value_["sizes"], "config.json"); }), HasSubstr("expected a JSON object"));
}

TEST_F(JsonObjectTest, ListsWhatNobodyAskedFor) {
  const nlohmann::json value = parse_json(R"({"steps": 1, "learning_rat": 2, "zzz": 3})", "run.json");
  const JsonObject object(value, "run.json");
  EXPECT_THAT(object.unread_keys(), ElementsAre("learning_rat", "steps", "zzz"));
  object.required<int64_t>("steps");
  object.optional<double>("learning_rate");
  EXPECT_THAT(error_of([&] { object.refuse_unread_keys(); }),
              AllOf(HasSubstr("run.json: expected only known keys"),
                    HasSubstr("'learning_rat' (did you mean 'learning_rate'?), 'zzz'"), Not(HasSubstr("'steps'"))));
  object.find("learning_rat");
  object.find("zzz");
  EXPECT_NO_THROW(object.refuse_unread_keys());
}

}  // namespace
}  // namespace fusion
