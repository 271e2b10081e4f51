#include "pipeline/model/load_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kPhiGolden = std::string(FUSION_SOURCE_DIR) + "/parity/goldens/a_phi3_siglip_q4";
constexpr uint64_t kMaxBytes = uint64_t{16} << 20;
constexpr const char* kNorm = "model.norm.weight";
constexpr const char* kHead = "lm_head.weight";

using Tensors = std::map<std::string, torch::Tensor>;

/// A copy of the golden model's folder whose weights went through `change`.
class ChangedModel {
 public:
  explicit ChangedModel(const std::function<void(Tensors&)>& change = [](Tensors&) {}) {
    namespace fs = std::filesystem;
    for (const char* name : {"config.json", "vision_config.json", "generation_config.json"}) {
      fs::copy_file(fs::path(kPhiGolden) / name, fs::path(folder()) / name);
    }
    Tensors tensors;
    const Checkpoint golden(kPhiGolden);
    for (const auto& [name, stored] : golden.tensors())
      tensors[std::string(name)] = tensor_of(stored.file, *stored.view);
    change(tensors);
    std::vector<TensorSource> sources;
    for (const auto& [name, tensor] : tensors) sources.push_back(source_of(name, tensor));
    write_safetensors(weights(), sources);
  }

  const std::string& folder() const { return scratch_.path(); }
  std::string weights() const { return scratch_ / "model.safetensors"; }

 private:
  ScratchFolder scratch_;
};

std::string refusal(const std::function<void(Tensors&)>& change) {
  const ChangedModel changed(change);
  return error_of([&] { load_fusion_model(changed.folder(), {}); });
}

torch::Tensor parameter(const FusionModel& model, const std::string& name) {
  return model->named_parameters()[name];
}

TEST(LoadModel, GivesEveryParameterItsStoredValue) {
  const ChangedModel changed;
  const FusionModel model = load_fusion_model(changed.folder(), {});
  const Checkpoint checkpoint(changed.folder());
  size_t count = 0;
  for (const auto& item : model->named_parameters()) {
    const StoredTensor* stored = checkpoint.find(item.key());
    ASSERT_NE(stored, nullptr) << item.key();
    EXPECT_TRUE(torch::equal(item.value(), tensor_of(stored->file, *stored->view))) << item.key();
    EXPECT_FALSE(item.value().requires_grad()) << item.key();
    ++count;
  }
  EXPECT_EQ(count, checkpoint.tensors().size());
}

TEST(LoadModel, OneErrorListsEverythingThatDiffers) {
  EXPECT_THAT(refusal([](Tensors& tensors) { tensors.erase(kNorm); }), HasSubstr("1 missing: model.norm.weight"));
  EXPECT_THAT(refusal([](Tensors& tensors) { tensors["model.spare.weight"] = torch::ones({3}); }),
              HasSubstr("1 unexpected: model.spare.weight"));
  EXPECT_THAT(refusal([](Tensors& tensors) { tensors[kNorm] = torch::ones({63}); }),
              HasSubstr("1 mis-shaped: model.norm.weight [63] instead of [64]"));
  const std::string all = refusal([](Tensors& tensors) {
    auto renamed = tensors.extract("model.mm_projector.0.bias");
    renamed.key() = "model.mm_projector.0.bais";
    tensors.insert(std::move(renamed));
    tensors[kHead] = tensors[kHead].t().contiguous();
  });
  EXPECT_THAT(all, AllOf(HasSubstr("1 missing: model.mm_projector.0.bias"),
                         HasSubstr("1 unexpected: model.mm_projector.0.bais"), HasSubstr("lm_head.weight [64, 200]"),
                         HasSubstr("not of the same model")));
}

TEST(LoadModel, RefusesTensorsThatAreNoFloats) {
  EXPECT_THAT(refusal([](Tensors& tensors) { tensors[kNorm] = torch::ones({64}, torch::kInt8); }),
              AllOf(HasSubstr(kNorm), HasSubstr("got I8"), HasSubstr("quantised")));
}

TEST(LoadModel, WeightsLieInTheMappingAndTheFileNeverChanges) {
  const ChangedModel changed;
  const std::string before = read_text_file(changed.weights(), kMaxBytes);
  const Checkpoint checkpoint(changed.folder());
  FusionModel model(read_fusion_config(changed.folder()));
  load_parameters(*model, checkpoint, {});
  const torch::NoGradGuard no_grad;
  for (auto& item : model->named_parameters()) {
    const StoredTensor& stored = *checkpoint.find(item.key());
    ASSERT_EQ(item.value().const_data_ptr(), static_cast<const void*>(stored.view->bytes.data())) << item.key();
    item.value().fill_(7);
  }
  EXPECT_EQ(parameter(model, kNorm)[0].item<float>(), 7);
  EXPECT_TRUE(read_text_file(changed.weights(), kMaxBytes) == before);
}

TEST(LoadModel, WeightsOutliveTheCheckpoint) {
  FusionModel model(read_fusion_config(kPhiGolden));
  {
    const Checkpoint checkpoint(kPhiGolden);
    load_parameters(*model, checkpoint, {});
  }
  EXPECT_TRUE(torch::isfinite(parameter(model, kHead)).all().item<bool>());
}

class LoadedDtype : public testing::TestWithParam<std::pair<torch::ScalarType, torch::ScalarType>> {};

TEST_P(LoadedDtype, ConvertsFromWhatIsStored) {
  const auto [stored, wanted] = GetParam();
  const auto convert = [&](Tensors& tensors) {
    for (auto& [name, tensor] : tensors) tensor = tensor.to(stored);
  };
  const ChangedModel changed(convert);
  const FusionModel model = load_fusion_model(changed.folder(), {.dtype = wanted});
  const auto reference = load_fusion_model(kPhiGolden, {});
  for (const auto& item : model->named_parameters()) {
    ASSERT_EQ(item.value().scalar_type(), wanted) << item.key();
    EXPECT_TRUE(torch::equal(item.value(), parameter(reference, item.key()).to(stored).to(wanted))) << item.key();
  }
}

INSTANTIATE_TEST_SUITE_P(Pairs, LoadedDtype,
                         testing::Values(std::pair{torch::kFloat32, torch::kBFloat16},
                                         std::pair{torch::kFloat32, torch::kHalf},
                                         std::pair{torch::kBFloat16, torch::kFloat32},
                                         std::pair{torch::kHalf, torch::kFloat32},
                                         std::pair{torch::kBFloat16, torch::kHalf}));

TEST(LoadModel, KeepsTheStoredDtypeUnlessAsked) {
  const ChangedModel changed([](Tensors& tensors) {
    for (auto& [name, tensor] : tensors) tensor = tensor.to(torch::kBFloat16);
  });
  EXPECT_EQ(load_fusion_model(changed.folder(), {})->options().dtype(), torch::kBFloat16);
}

TEST(LoadModel, MixedPrecisionsMustBeMadeOne) {
  const auto mix = [](Tensors& tensors) { tensors[kNorm] = tensors[kNorm].to(torch::kBFloat16); };
  EXPECT_THAT(refusal(mix), AllOf(HasSubstr(kNorm), HasSubstr("got BFloat16"), HasSubstr("--dtype float32")));
  const ChangedModel changed(mix);
  const FusionModel model = load_fusion_model(changed.folder(), {.dtype = torch::kFloat32});
  EXPECT_EQ(parameter(model, kNorm).scalar_type(), torch::kFloat32);
}

TEST(LoadModel, TheVocabularyIsTheOneOfTheFile) {
  const ChangedModel changed([](Tensors& tensors) {
    for (const char* name : {kHead, "model.embed_tokens.weight"}) {
      tensors[name] = torch::cat({tensors[name], torch::zeros({2, 64})});
    }
  });
  FusionModel model = load_fusion_model(changed.folder(), {});
  EXPECT_EQ(model->config().decoder.vocab_size, 202);
  EXPECT_EQ(parameter(model, kHead).size(0), 202);
}

TEST(LoadModel, BrokenFoldersAreErrors) {
  const ChangedModel changed;
  std::filesystem::resize_file(changed.weights(), 1000);
  EXPECT_THAT(error_of([&] { load_fusion_model(changed.folder(), {}); }), HasSubstr("model.safetensors"));
  std::filesystem::remove(changed.weights());
  EXPECT_THAT(error_of([&] { load_fusion_model(changed.folder(), {}); }), HasSubstr("model.safetensors"));
}

}  // namespace
}  // namespace fusion
