// fusion eval from outside, and the model that ships.

#include <filesystem>
#include <fstream>

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

  ScratchFolder folder_;
};

TEST_F(Eval, TheModelThatShipsKnowsItsWorld) {
  const auto grade = json_of({"eval", "nano", "--json", "--limit", "200", "--threads", "1", "--work", folder_ / "work",
                              "--answers", folder_ / "answers.jsonl"});
  EXPECT_GT(grade["overall"].get<double>(), 0.3);
  EXPECT_EQ(grade["all"]["model"]["total"].get<int64_t>(), 200);
  EXPECT_LT(grade["all"]["blank_picture"]["accuracy"].get<double>(), grade["overall"].get<double>() - 0.1);
  for (const char* kind : {"Color", "Count", "Spatial", "Scene", "Text"}) {
    ASSERT_TRUE(grade["kinds"].contains(kind)) << kind;
    EXPECT_GT(grade["kinds"][kind]["model"]["total"].get<int64_t>(), 20) << kind;
  }
  EXPECT_GT(grade["kinds"]["Scene"]["model"]["low"].get<double>(),
            grade["kinds"]["Scene"]["guess"]["high"].get<double>());
  std::ifstream answers(folder_ / "answers.jsonl");
  std::string line;
  int64_t lines = 0;
  int64_t right = 0;
  while (std::getline(answers, line)) {
    ++lines;
    right += nlohmann::json::parse(line)["right"].get<bool>() ? 1 : 0;
  }
  EXPECT_EQ(lines, 200);
  EXPECT_EQ(right, grade["all"]["model"]["right"].get<int64_t>());
}

TEST_F(Eval, MatricesOf8BitsAnswerAsFloatsDo) {
  const auto answers = [&](const std::string& dtype) {
    const std::string file = folder_ / (dtype + ".jsonl");
    json_of({"eval", "nano", "--json", "--limit", "150", "--no-blank", "--threads", "1", "--dtype", dtype, "--work",
             folder_ / "work", "--answers", file});
    std::vector<std::string> texts;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) texts.push_back(nlohmann::json::parse(line)["answer"]);
    return texts;
  };
  const auto floats = answers("float32");
  const auto integers = answers("int8");
  ASSERT_EQ(floats.size(), 150U);
  ASSERT_EQ(integers.size(), 150U);
  int64_t same = 0;
  for (size_t i = 0; i < floats.size(); ++i) same += floats[i] == integers[i] ? 1 : 0;
  EXPECT_GE(same, 140);
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
  std::filesystem::remove(folder_ / "cat.jpg");
  const std::string test = small_test();
  std::filesystem::remove(folder_ / "cat.jpg");
  expect_failure({"eval", model(), test, "--quiet"}, {"cat.jpg", "no such file"});
  expect_usage_error({"eval", model(), test, "--batch", "0"}, {"--batch"});
}

TEST_F(Eval, WritesItsPicturesOnce) {
  const Words words = {"eval", "nano", "--quiet", "--limit", "5", "--threads", "1", "--work", folder_ / "work"};
  const std::string first = output_of(words);
  const auto written = std::filesystem::last_write_time(folder_ / "work/images/000");
  EXPECT_EQ(output_of(words), first);
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "work/images/000"), written);
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
  expect_shown("examples/nano/pictures/library.jpg", {"What place is shown?", "What color are the letters on the sign?",
                                                      "In which color is the text on the sign written?"});
  expect_shown("examples/nano/pictures/park.jpg",
               {"Where are we here?", "Which color does the sign itself have?", "What is the weather like?"});
}

}  // namespace
}  // namespace fusion
