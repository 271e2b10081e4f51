#include "foundation/checkpoint/tensor_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TensorTable, EqualTablesDoNotDiffer) {
  const std::vector<TensorSpec> a{{"x", {1, 2}}, {"y", {}}};
  const std::vector<TensorSpec> b{{"y", {}}, {"x", {1, 2}}};
  EXPECT_TRUE(compare_tables(a, b).empty());
  EXPECT_EQ(compare_tables(a, b).describe(), "");
}

TEST(TensorTable, NamesEveryDifference) {
  const TableDiff diff =
      compare_tables({{"a", {1}}, {"b", {2, 3}}, {"c", {}}, {"d", {4}}}, {{"b", {3, 2}}, {"d", {4}}, {"e", {}}});
  EXPECT_FALSE(diff.empty());
  EXPECT_EQ(diff.describe(), "2 missing: a, c; 1 unexpected: e; 1 mis-shaped: b [3, 2] instead of [2, 3]");
}

std::vector<TensorSpec> layers(int count, const std::vector<std::string>& parts) {
  std::vector<TensorSpec> table;
  for (int layer = 0; layer < count; ++layer) {
    for (const std::string& part : parts) table.push_back({cat("model.layers.", layer, ".", part), {1}});
  }
  return table;
}

TEST(TensorTable, ListsUpToFortyNamesOneByOne) {
  const std::string text = compare_tables(layers(20, {"q", "k"}), {}).describe();
  EXPECT_THAT(text, HasSubstr("40 missing: model.layers.0.k"));
  EXPECT_THAT(text, HasSubstr("model.layers.19.q"));
  EXPECT_THAT(text, Not(HasSubstr("{")));
}

TEST(TensorTable, GroupsLongListsByLayer) {
  std::vector<TensorSpec> expected = layers(32, {"self_attn.q", "mlp.down"});
  expected.push_back({"lm_head.weight", {2}});
  expected.push_back({"model.mm_projector.0.bias", {2}});
  EXPECT_EQ(compare_tables(expected, {}).describe(),
            "66 missing: lm_head.weight, model.layers.{0-31}.mlp.down, model.layers.{0-31}.self_attn.q, "
            "model.mm_projector.0.bias");
  EXPECT_EQ(compare_tables(layers(50, {"q"}), {{"model.layers.3.q", {1}}, {"model.layers.4.q", {1}}}).describe(),
            "48 missing: model.layers.{0-2,5-49}.q");
}

TEST(TensorTable, LongListsThatDoNotGroupAreCounted) {
  std::vector<TensorSpec> strangers;
  strangers.reserve(45);
  for (int i = 0; i < 45; ++i) strangers.push_back({cat("stranger", i), {}});
  const std::string text = compare_tables({}, strangers).describe();
  EXPECT_THAT(text, HasSubstr("45 unexpected: stranger0, stranger1"));
  EXPECT_THAT(text, HasSubstr("and 5 more"));
}

TEST(ReadTensorTable, ReadsTheTablesOfThePublishedModels) {
  const std::string folder = FUSION_SOURCE_DIR "/parity/tensors/";
  EXPECT_EQ(read_tensor_table(folder + "FUSION-Phi3.5-3B.tsv").size(), 784u);
  EXPECT_EQ(read_tensor_table(folder + "FUSION-X-Phi3.5-3B.tsv").size(), 992u);
  EXPECT_EQ(read_tensor_table(folder + "FUSION-X-LLaMA3.1-8B.tsv").size(), 1088u);
  const auto llama = read_tensor_table(folder + "FUSION-LLaMA3.1-8B.tsv");
  ASSERT_EQ(llama.size(), 880u);
  EXPECT_EQ(llama[0], (TensorSpec{"lm_head.weight", {128258, 4096}}));
}

TEST(ReadTensorTable, RefusesWhatIsNoTable) {
  const ScratchFolder folder;
  EXPECT_EQ(read_tensor_table(folder.put("a.tsv", "a\t3x4\nscalar\t\n\nb\t0")),
            (std::vector<TensorSpec>{{"a", {3, 4}}, {"scalar", {}}, {"b", {0}}}));
  const auto refusal = [&](std::string_view text) {
    return error_of([&] { read_tensor_table(folder.put("bad.tsv", text)); });
  };
  EXPECT_THAT(refusal("a\t1\nb 2\n"), HasSubstr("bad.tsv: line 2: expected NAME, a tab and a shape"));
  for (const std::string_view text :
       {"a\t3x", "a\tx3", "a\t-3", "a\t3.5", "a\t3x 4", "\t3", "a\t99999999999999999999"}) {
    EXPECT_THAT(refusal(text), HasSubstr("line 1")) << text;
  }
}

}  // namespace
}  // namespace fusion
