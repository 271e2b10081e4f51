// fusion eval from outside, and the model that ships.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

std::string shipped_test() {
  return source_path("models/nano/test/recipe.yaml");
}

class Eval : public ModelTest {
 protected:
  /// A test of two questions about the cat.
  std::string small_test() const {
    std::filesystem::copy_file(cat_picture(), folder_ / "cat.jpg", std::filesystem::copy_options::overwrite_existing);
    return folder_.put("test.jsonl",
                       R"({"id": "1", "kind": "Scene", "image": "cat.jpg", "truth": ["cat", "one"], "conversations": [)"
                       R"({"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A cat."},)"
                       R"({"from": "human", "value": "How many?"}, {"from": "gpt", "value": "1"}]})"
                       "\n");
  }

  std::vector<nlohmann::json> lines_of(const std::string& file) const {
    std::vector<nlohmann::json> lines;
    std::ifstream in(folder_ / file);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

  ScratchFolder folder_;
};

TEST_F(Eval, TheModelThatShipsKnowsItsWorldAlsoIn8Bits) {
  const auto grade_into = [&](const std::string& file, const Words& more) {
    Words words = {"eval", "nano",   "--json",         "--limit",   "150",         "--threads",
                   "1",    "--work", folder_ / "work", "--answers", folder_ / file};
    words.insert(words.end(), more.begin(), more.end());
    return json_of(words);
  };
  const auto grade = grade_into("floats.jsonl", {});
  EXPECT_GT(grade["overall"].get<double>(), 0.5);
  EXPECT_EQ(grade["all"]["model"]["total"].get<int64_t>(), 150);
  EXPECT_LT(grade["all"]["blank_picture"]["accuracy"].get<double>(), grade["overall"].get<double>() - 0.1);
  for (const char* kind : {"Color", "Count", "Spatial", "Scene", "Text"}) {
    ASSERT_TRUE(grade["kinds"].contains(kind)) << kind;
    EXPECT_GT(grade["kinds"][kind]["model"]["total"].get<int64_t>(), 15) << kind;
  }
  EXPECT_GT(grade["kinds"]["Scene"]["model"]["low"].get<double>(),
            grade["kinds"]["Scene"]["guess"]["high"].get<double>());
  const auto floats = lines_of("floats.jsonl");
  ASSERT_EQ(floats.size(), 150U);
  EXPECT_EQ(std::ranges::count_if(floats, [](const auto& line) { return line["right"].template get<bool>(); }),
            grade["all"]["model"]["right"].get<int64_t>());

  grade_into("integers.jsonl", {"--no-blank", "--dtype", "int8"});
  const auto integers = lines_of("integers.jsonl");
  ASSERT_EQ(integers.size(), 150U);
  int64_t same = 0;
  for (size_t i = 0; i < floats.size(); ++i) same += floats[i]["answer"] == integers[i]["answer"] ? 1 : 0;
  EXPECT_GE(same, 145);
  expect_usage_error({"verify", source_path("parity/goldens/e_text_only"), "--dtype", "int8"}, {"--dtype", "int8"});
}

TEST_F(Eval, RecordsAreATestOfAnyModel) {
  const auto grade = json_of({"eval", model(), small_test(), "--json", "--threads", "1", "--no-blank"});
  EXPECT_EQ(grade["all"]["model"]["total"].get<int64_t>(), 2);
  EXPECT_FALSE(grade["all"].contains("blank_picture"));
  const std::string table = output_of({"eval", model(), small_test(), "--quiet", "--threads", "1"});
  EXPECT_THAT(table, HasSubstr("Scene          2"));
}

TEST_F(Eval, RefusesWhatIsNoTest) {
  expect_failure({"eval", model()}, {model(), "test/recipe.yaml", "`fusion synth`"});
  expect_failure({"eval", "nanoo"}, {"nanoo", "did you mean nano?"});
  expect_failure({"eval", model(), folder_ / "none.jsonl"}, {"none.jsonl"});
  expect_failure({"eval", model(), folder_.put("bad.jsonl", "{\"image\": 3}\n")}, {"bad.jsonl:1"});
  expect_failure({"eval", model(), folder_.put("empty.jsonl", "\n")}, {"empty.jsonl", "none"});
  expect_failure({"eval", model(), folder_.put("bad.yaml", "itmes: 3\n")}, {"bad.yaml", "did you mean 'items'?"});
  const std::string test = small_test();
  std::filesystem::remove(folder_ / "cat.jpg");
  expect_failure({"eval", model(), test, "--quiet"}, {"cat.jpg", "no such file"});
  expect_usage_error({"eval", model(), test, "--batch", "0"}, {"--batch"});
  expect_usage_error({"eval", test}, {"the model comes first: fusion eval nano " + test});
}

TEST_F(Eval, AnswersOfAnEarlierGradeStayUntilThereAreNewOnes) {
  const std::string test = small_test();
  const std::string old = folder_.put("old.jsonl", "old\n");
  std::filesystem::create_directory(folder_ / "none");
  folder_.put("none/config.json", "{}");
  expect_failure({"eval", folder_ / "none", test, "--answers", old}, {"config.json"});
  EXPECT_EQ(read_text_file(old, 100), "old\n");
  const std::string questions = read_text_file(test, 1 << 20);
  expect_usage_error({"eval", model(), test, "--answers", test}, {"--answers: expected another file than TEST"});
  EXPECT_EQ(read_text_file(test, 1 << 20), questions);
  expect_failure({"eval", model(), test, "--answers", folder_.path()}, {"got a folder"});

  const Words whole = {"eval", model(), test, "--answers", old, "--json", "--threads", "1", "--no-blank"};
  const std::string grade = output_of(whole);
  const std::string answers = read_text_file(old, 1 << 20);
  EXPECT_EQ(lines_of("old.jsonl").size(), 2U);
  EXPECT_FALSE(std::filesystem::exists(old + ".part"));
  EXPECT_EQ(output_of(whole), grade);
  EXPECT_EQ(read_text_file(old, 1 << 20), answers);
}

TEST_F(Eval, TellsHowPictureAndTextMix) {
  const std::string test = small_test();
  const auto mixing = json_of({"mir", model(), test, "--json", "--threads", "1"});
  EXPECT_EQ(mixing["records"].get<int64_t>(), 1);
  EXPECT_FALSE(mixing["layers"].empty());
  const std::string table = output_of({"mir", model(), test, "--quiet", "--threads", "1"});
  EXPECT_THAT(table, HasSubstr("Modality Integration Rate"));

  const std::string words =
      folder_.put("words.jsonl", R"({"id": "1", "conversations": [{"from": "human", "value": "Hi"},)"
                                 R"({"from": "gpt", "value": "Hello"}]})"
                                 "\n");
  expect_failure({"mir", model(), words}, {"records with pictures"});
  expect_failure({"mir", model(), folder_ / "none.jsonl"}, {"none.jsonl"});
  expect_usage_error({"mir", model(), test, "--records", "0"}, {"--records"});
  expect_failure({"mir", source_path("tests/data/hf/llama"), test}, {"a plain language model"});
}

TEST_F(Eval, WritesItsPicturesOnce) {
  const std::string recipe = folder_.put("test.yaml", "items: 5\nkinds: {Color: 1}\nfilters: {balance: false}\n");
  const Words words = {"eval", model(), recipe, "--quiet", "--no-blank", "--threads", "1", "--work", folder_ / "work"};
  const std::string first = output_of(words);
  const auto written = std::filesystem::last_write_time(folder_ / "work/run/images/000");
  EXPECT_EQ(output_of(words), first);
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "work/run/images/000"), written);
}

TEST(Nano, IsSmallAndComesWithItsTestAndItsCard) {
  EXPECT_LE(std::filesystem::file_size(source_path("models/nano/model.safetensors")), 20'000'000U);
  EXPECT_TRUE(std::filesystem::exists(shipped_test()));
  EXPECT_THAT(read_text_file(source_path("models/nano/README.md"), 1 << 20), HasSubstr("| Color |"));
}

TEST(Nano, AnswersAsTheReadmeShows) {
  const std::string readme = read_text_file(source_path("README.md"), 1 << 20);
  const auto expect_shown = [&](const std::string& picture, const Words& questions) {
    std::string shown = "==> " + picture + "\n";
    for (const std::string& question : questions) {
      shown += question + "\n  " + output_of({"ask", source_path(picture), question, "--quiet", "--threads", "1"});
    }
    EXPECT_THAT(readme, HasSubstr(shown));
  };
  expect_shown("examples/nano/pictures/library.jpg",
               {"What does the sign say?", "What text does the sign show?", "What color are the letters on the sign?"});
  expect_shown("examples/nano/pictures/park.jpg",
               {"Where are we here?", "How many bells are there?", "What color is the umbrella?"});
}

}  // namespace
}  // namespace fusion
