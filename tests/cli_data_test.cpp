// `fusion data check` from outside.

#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DataCheck : public ModelTest {
 protected:
  static Words check(const std::string& mixture, const Words& more = {}) {
    Words words{"data", "check", mixture, "--model", model(), "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static std::string tiny() { return source_path("examples/data/tiny/mixture.yaml"); }
};

TEST_F(DataCheck, TheExampleIsSoundAndShownAsTheModelSeesIt) {
  const std::string text = output_of(check(tiny(), {"--sample", "1", "--micro-batch", "2"}));
  EXPECT_THAT(text,
              AllOf(HasSubstr("pictures.jsonl"), HasSubstr("words.json first:50%"), HasSubstr("all "),
                    HasSubstr("Longest micro-batch: 2 x "), HasSubstr("Its activations: "), Not(HasSubstr("Broken"))));
  EXPECT_THAT(text, AllOf(HasSubstr("Record 1, "), HasSubstr("(id cat-2)"), HasSubstr("{latents: "),
                          HasSubstr("What colour are its eyes?"), HasSubstr("]]{?}Green."), Not(HasSubstr("\x1b"))));
}

TEST_F(DataCheck, JsonHasTheSameNumbers) {
  const nlohmann::json report = json_of(check(tiny(), {"--json"}));
  EXPECT_EQ(report["total"]["records"], 8);
  EXPECT_EQ(report["total"]["pictures"], 6);
  EXPECT_EQ(report["total"]["broken"], 0);
  EXPECT_EQ(report["data_sets"].size(), 2u);
  EXPECT_EQ(json_of(check(tiny(), {"--json", "--limit", "3"}))["total"]["records"], 3);
}

TEST_F(DataCheck, TooManyBrokenRecordsAreAFailureThatListsThem) {
  const ScratchFolder folder;
  const std::string good =
      R"({"id": "good", "image": "cat.jpg", "conversations": [{"from": "human", "value": "<image>What?"},)"
      R"({"from": "gpt", "value": "A cat."}]})";
  std::string lost = good;
  lost.replace(lost.find("cat.jpg"), 3, "dog");
  const std::string path = folder.put("set.jsonl", lost + "\n" + good + "\n" + good.substr(0, 50));
  const Words words = check(path, {"--image-root", source_path("examples")});
  const ProgramResult result = run_fusion(words);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("fusion: error: "), HasSubstr("got 2 of 3")));
  EXPECT_THAT(result.out, AllOf(HasSubstr("Broken records (2)"), HasSubstr("set.jsonl:1 (id good): image"),
                                HasSubstr("set.jsonl:3"), HasSubstr("Record 1, ")))
      << "the first sound record is shown";
  Words tolerant = words;
  tolerant.insert(tolerant.end(), {"--max-broken-share", "0.7"});
  EXPECT_THAT(output_of(tolerant), HasSubstr("Broken records (2)"));
}

TEST_F(DataCheck, BadMixturesAndFlagsAreRefused) {
  const ScratchFolder folder;
  folder.put("a.jsonl", R"({"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]})");
  const auto refused = [&](const std::string& text, const Words& parts) {
    expect_failure(check(folder.put("mix.yaml", text)), parts);
  };
  refused("datasets: [{json_path: a.jsonl, strategy: all}]", {"mix.yaml", "datasets[0].strategy"});
  refused("datasets: [{json_path: a.jsonl, sampling_strategy: half}]", {"datasets[0]", "first:N"});
  refused("datasets: [{json_path: b.jsonl}]", {"b.jsonl"});
  refused("datasets: [{json_path: a.jsonl", {"mix.yaml: line 1", "every bracket is closed"});
  expect_failure(check(tiny(), {"--sample", "8"}), {"--sample", "8 records"});
  expect_failure({"data", "check", tiny(), "--model", folder.path()}, {folder.path()});
  expect_usage_error({"data"}, {"a command is required", "`fusion data --help`"});
  expect_usage_error({"data", "chekc"}, {"unknown command chekc", "check"});
  expect_usage_error({"data", "check", tiny()}, {"--model is required", "`fusion data check --help`"});
  expect_usage_error(check(tiny(), {"--limt", "1"}), {"--limt", "--limit"});
  expect_usage_error(check(tiny(), {"--micro-batch", "0"}), {"--micro-batch"});
}

}  // namespace
}  // namespace fusion
