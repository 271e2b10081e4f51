#include "foundation/config/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct RunOptions {
  int64_t steps = 0;
  double learning_rate = 1e-5;
  bool shuffle = true;
  std::string name;
  std::vector<std::string> tags;
  std::optional<std::vector<double>> betas;

  static constexpr auto fields() {
    return std::tuple(field("steps", &RunOptions::steps, "optimizer steps"),
                      defaulted("learning_rate", &RunOptions::learning_rate, "peak, after the warm-up"),
                      defaulted("shuffle", &RunOptions::shuffle, "draw samples in a new order"),
                      field("name", &RunOptions::name, "of the run"),
                      defaulted("tags", &RunOptions::tags, "free words"),
                      field("betas", &RunOptions::betas, "of the optimizer"));
  }
};

RunOptions read(const std::string& text) {
  const nlohmann::json value = parse_json(text, "run.json");
  return read_fields<RunOptions>(JsonObject(value, "run.json"));
}

TEST(Fields, ReadsWhatIsThereAndKeepsTheRest) {
  const RunOptions options = read(R"({"steps": 5, "name": "a", "shuffle": false})");
  EXPECT_EQ(options.steps, 5);
  EXPECT_EQ(options.learning_rate, 1e-5);
  EXPECT_FALSE(options.shuffle);
  EXPECT_EQ(options.betas, std::nullopt);
}

TEST(Fields, RefusesMissingUnknownAndMistyped) {
  EXPECT_THAT(error_of([] { read(R"({"name": "a"})"); }), HasSubstr("expected a key 'steps'"));
  EXPECT_THAT(error_of([] { read(R"({"steps": 5, "name": "a", "learning_rte": 1})"); }),
              HasSubstr("did you mean 'learning_rate'?"));
  EXPECT_THAT(error_of([] { read(R"({"steps": 5.5, "name": "a"})"); }), HasSubstr("key 'steps': expected an integer"));
  EXPECT_THAT(error_of([] { read(R"({"steps": 5, "name": "a", "learning_rate": null})"); }), HasSubstr("got null"));
}

TEST(Fields, WritesInOrderAndReadsItBack) {
  const RunOptions options{.steps = 7, .name = "b", .tags = {"x", "y"}, .betas = std::vector<double>{0.9, 0.999}};
  const std::string text = write_fields(options).dump();
  EXPECT_EQ(text,
            R"({"steps":7,"learning_rate":1e-05,"shuffle":true,"name":"b","tags":["x","y"],"betas":[0.9,0.999]})");
  EXPECT_TRUE(equal_fields(read(text), options));
  EXPECT_TRUE(equal_fields(read(write_fields(RunOptions{}).dump()), RunOptions{}));
}

TEST(Fields, CompareNamesEveryDifference) {
  RunOptions a;
  a.steps = 7;
  RunOptions b = a;
  EXPECT_THAT(differing_fields(a, b), IsEmpty());
  b.steps = 8;
  b.betas = std::vector<double>{0.5};
  EXPECT_THAT(differing_fields(a, b), ElementsAre("steps: 7 and 8", "betas: null and [0.5]"));
  EXPECT_FALSE(equal_fields(a, b));
}

TEST(Fields, HelpSaysTypeAndDefault) {
  const std::string help = describe_fields<RunOptions>();
  EXPECT_THAT(help, HasSubstr("  steps          optimizer steps (an integer)\n"));
  EXPECT_THAT(help, HasSubstr("  learning_rate  peak, after the warm-up (a number; default 1e-05)\n"));
}

}  // namespace
}  // namespace fusion
