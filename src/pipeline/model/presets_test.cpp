#include "pipeline/model/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "pipeline/model/fusion_model.h"
#include "pipeline/model/load_model.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

FusionConfig config_of(const Preset& preset) {
  return parse_fusion_config(preset.files, preset.name);
}

int64_t count_parameters(const std::vector<TensorSpec>& table) {
  int64_t count = 0;
  for (const TensorSpec& tensor : table) {
    count += std::accumulate(tensor.shape.begin(), tensor.shape.end(), int64_t{1}, std::multiplies<>());
  }
  return count;
}

struct Published {
  const char* preset;
  const char* table;  // in parity/tensors, from the reference's own classes
  size_t tensors;
  int64_t parameters;
};

class PublishedShapes : public testing::TestWithParam<Published> {};

TEST_P(PublishedShapes, EveryNameAndShapeIsRegistered) {
  const FusionModel model(config_of(find_preset(GetParam().preset)), torch::TensorOptions(torch::kMeta));
  const auto registered = tensor_table(*model);
  const auto published =
      read_tensor_table(std::string(FUSION_SOURCE_DIR) + "/parity/tensors/" + GetParam().table + ".tsv");
  const TableDiff diff = compare_tables(published, registered);
  EXPECT_TRUE(diff.empty()) << diff.describe();
  EXPECT_EQ(registered.size(), GetParam().tensors);
  EXPECT_EQ(published.size(), GetParam().tensors);
  EXPECT_EQ(count_parameters(registered), GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(AllFour, PublishedShapes,
                         testing::Values(Published{"fusion-phi3.5-3b", "FUSION-Phi3.5-3B", 784, 5'093'034'784},
                                         Published{"fusion-x-phi3.5-3b", "FUSION-X-Phi3.5-3B", 992, 5'808'036'864},
                                         Published{"fusion-llama3.1-8b", "FUSION-LLaMA3.1-8B", 880, 9'975'291'680},
                                         Published{"fusion-x-llama3.1-8b", "FUSION-X-LLaMA3.1-8B", 1088,
                                                   10'691'866'624}),
                         [](const auto& item) {
                           std::string name = item.param.preset;
                           std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                           return name;
                         });

TEST(Presets, AllParseWithoutNotes) {
  for (const std::string& name : preset_names()) {
    const FusionConfig config = config_of(find_preset(name));
    EXPECT_THAT(config.notes, IsEmpty()) << name;
    EXPECT_FALSE(config.eos_token_ids.empty()) << name;
    EXPECT_FALSE(find_preset(name).description.empty()) << name;
  }
}

TEST(Presets, PublishedSettingsBesideTheShapes) {
  const FusionConfig phi = config_of(find_preset("fusion-phi3.5-3b"));
  EXPECT_EQ(phi.decoder.rope.scaling, RopeScaling::kLongRope);
  EXPECT_EQ(phi.decoder.rope.original_positions, 4096);
  EXPECT_EQ(phi.decoder.rope.max_positions, 131072);
  EXPECT_EQ(phi.decoder.rope.long_factors.size(), 48u);
  EXPECT_TRUE(std::is_sorted(phi.decoder.rope.long_factors.begin(), phi.decoder.rope.long_factors.end()));
  EXPECT_THAT(phi.eos_token_ids, testing::ElementsAre(32007, 32001, 32000));
  EXPECT_EQ(phi.num_image_tokens(), 729);
  EXPECT_EQ(phi.max_length, 4096);

  const FusionConfig llama = config_of(find_preset("fusion-x-llama3.1-8b"));
  EXPECT_EQ(llama.decoder.rope.scaling, RopeScaling::kLlama3);
  EXPECT_EQ(llama.decoder.rope.factor, 8.0);
  EXPECT_EQ(llama.decoder.num_kv_heads, 8);
  EXPECT_THAT(llama.eos_token_ids, testing::ElementsAre(128001, 128008, 128009));
  EXPECT_EQ(llama.num_image_tokens(), 576);
  EXPECT_EQ(llama.max_length, 3072);
  EXPECT_EQ(config_of(find_preset("fusion-llama3.1-8b")).max_length, 4096);
}

TEST(Presets, NanoIsSmallAndWhole) {
  const FusionConfig config = config_of(find_preset("nano"));
  EXPECT_EQ(config.model_type, "fusion_phi");
  EXPECT_EQ(config.decoder.interaction.count, 2);
  EXPECT_EQ(config.decoder.rope.scaling, RopeScaling::kLongRope);
  const FusionModel model(config, torch::TensorOptions(torch::kMeta));
  EXPECT_LT(4 * count_parameters(tensor_table(*model)), 10'000'000);
}

TEST(Presets, UnknownNameSaysWhichThereAre) {
  EXPECT_THAT(error_of([] { find_preset("fusion-phi3.5-3B"); }),
              AllOf(HasSubstr("fusion-x-llama3.1-8b, nano"), HasSubstr("did you mean fusion-phi3.5-3b?")));
  EXPECT_THAT(error_of([] { find_preset("gpt\n"); }), HasSubstr("got 'gpt?'"));
}

TEST(Presets, AFolderOfConfigFilesIsOneToo) {
  const ScratchFolder folder;
  const Preset nano = find_preset("nano");
  auto config = nano.files.config;
  config["num_hidden_layers"] = 4;
  folder.put("config.json", config.dump());
  folder.put("vision_config.json", nano.files.vision->dump());
  EXPECT_EQ(config_of(preset_or_folder(folder.path())).decoder.num_layers, 4);
  EXPECT_EQ(preset_or_folder("nano").name, "nano");
  EXPECT_THROW(preset_or_folder(folder / "nothing"), Error);
}

}  // namespace
}  // namespace fusion
