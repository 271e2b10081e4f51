#include "workflows/evaluation/integration/modality_integration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>

#include "pipeline/model/load_model.h"
#include "workflows/assembly/init_checkpoint.h"
#include "workflows/datasets/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class IntegrationTest : public testing::Test {
 protected:
  IntegrationTest() {
    init_checkpoint(find_preset("nano"), folder_ / "nano", {.seed = 5});
    model_ = load_fusion_model(folder_ / "nano", {});
    tokenizer_ = load_tokenizer(folder_ / "nano");
  }

  SampleReader reader(const TestSet& set) const {
    return {Mixture::open(set.path(), {}), *tokenizer_, find_template("phi_3"), sample_options(model_->config())};
  }

  ScratchFolder folder_;
  FusionModel model_{nullptr};
  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_F(IntegrationTest, ComparesEveryImageTokenWithEveryWordBehindItButNoLatent) {
  const TestSet set(record_line("a", "cat.png") + record_line("b") + record_line("c", "cat.png", "Is it a dog?"));
  const SampleReader records = reader(set);
  const auto found = measure_integration(model_, records, {.detail = "4"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->records, 2);  // with a picture
  EXPECT_EQ(found->picture_states, 2 * model_->config().num_image_tokens());
  // All ids behind the first placeholder, which becomes the picture, but the second, which becomes the latents.
  const auto words = [&](int64_t i) {
    const auto ids = records.read(i).prompt.input_ids;
    return ids.end() - std::ranges::find_if(ids, [](int64_t id) { return id < 0; }) - 2;
  };
  EXPECT_EQ(found->text_states, words(0) + words(2));
  ASSERT_EQ(std::ssize(found->layers), model_->config().decoder.num_layers);
  EXPECT_NEAR(found->rate, std::log10(std::accumulate(found->layers.begin(), found->layers.end(), 0.0)), 1e-9);
  EXPECT_EQ(measure_integration(model_, records, {.detail = "16"})->text_states, found->text_states);
}

TEST_F(IntegrationTest, KeepsNoMoreStatesThanItIsAllowed) {
  const TestSet set(record_line("a", "cat.png") + record_line("b", "cat.png"));
  const auto found = measure_integration(model_, reader(set), {.states = 20, .detail = "4"});
  EXPECT_EQ(found->text_states, 20);
  EXPECT_EQ(found->picture_states, 20);
}

TEST_F(IntegrationTest, LeavesOutWhatIsBrokenOrWouldBeCut) {
  std::string longest;
  for (int i = 0; i < 3000; ++i) longest += "so ";
  const TestSet set(record_line("a", "cat.png") + record_line("b", "none.png") + record_line("c", "cat.png", longest));
  const auto found = measure_integration(model_, reader(set), {.detail = "4"});
  EXPECT_EQ(found->records, 1);
  EXPECT_EQ(found->left_out, 2);
  const TestSet broken(record_line("b", "none.png"));
  EXPECT_THAT(error_of([&] { measure_integration(model_, reader(broken), {}); }),
              AllOf(HasSubstr("records that can be read"), HasSubstr("none.png")));
}

TEST_F(IntegrationTest, TakesRecordsEvenlyFromAll) {
  // Only the last half has words behind the picture that make a longer text.
  std::string lines;
  for (int i = 0; i < 4; ++i) lines += record_line("a", "cat.png", i < 2 ? "Hi?" : "Is it a dog or a cat, or a bird?");
  const TestSet set(lines);
  const SampleReader records = reader(set);
  const auto first = measure_integration(model_, records, {.records = 1});
  const auto spread = measure_integration(model_, records, {.records = 2});
  EXPECT_GT(spread->text_states, 2 * first->text_states);
}

TEST_F(IntegrationTest, SaysWhatItNeedsAndStopsWhenAsked) {
  const TestSet words(record_line("a"));
  EXPECT_THAT(error_of([&] { measure_integration(model_, reader(words), {}); }),
              AllOf(HasSubstr("set.jsonl"), HasSubstr("records with pictures"), HasSubstr("fusion data check")));
  const TestSet set(record_line("a", "cat.png"));
  EXPECT_FALSE(measure_integration(model_, reader(set), {.cancelled = [] { return true; }}));
}

}  // namespace
}  // namespace fusion
