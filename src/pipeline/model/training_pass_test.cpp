// A training step's forward and backward pass, in the forms that the trainer uses.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "foundation/nn/autocast.h"
#include "foundation/nn/parameter.h"
#include "pipeline/model/load_model.h"
#include "pipeline/model/model_test_support.h"

namespace fusion {
namespace {

const std::string kGoldenFolder = FUSION_SOURCE_DIR "/parity/goldens/";
const std::vector<std::string> kCases = {"b_phi3_siglip_q16_two_questions", "c_llama_siglip_gqa", "d_batch",
                                         "e_text_only", "m_fusion_l_batch"};

struct Pass {
  Losses losses;
  std::map<std::string, torch::Tensor> gradients;
};

FusionModel trainable_model(const std::string& name, torch::ScalarType dtype = torch::kFloat32) {
  FusionModel model = load_fusion_model(kGoldenFolder + name, {.dtype = dtype});
  set_requires_grad(*model, true);
  return model;
}

Pass pass_of(FusionModel& model, const Losses& losses) {
  losses.total.backward();
  Pass pass{.losses = losses, .gradients = {}};
  for (const auto& item : model->named_parameters()) {
    if (item.value().grad().defined()) pass.gradients[item.key()] = item.value().grad();
  }
  return pass;
}

PreparedInput batch_of(const std::string& name) {
  return golden_rows(kGoldenFolder + name, 0, 3);
}

void expect_near(const Pass& a, const Pass& b, double bound) {
  EXPECT_NEAR(a.losses.total.item<double>(), b.losses.total.item<double>(),
              bound * std::abs(a.losses.total.item<double>()));
  ASSERT_EQ(a.gradients.size(), b.gradients.size());
  for (const auto& [name, gradient] : a.gradients) {
    const double scale = gradient.norm().item<double>();
    // A key's bias has no gradient but rounding: it moves all scores of a query alike.
    EXPECT_LE((gradient - b.gradients.at(name)).norm().item<double>(), bound * scale + 1e-7) << name;
  }
}

TEST(TrainingPass, LogitsOfTheTargetsAloneGiveTheSameGradients) {
  for (const std::string& name : kCases) {
    SCOPED_TRACE(name);
    FusionModel whole = trainable_model(name);
    FusionModel part = trainable_model(name);
    const Pass expected = pass_of(whole, whole->forward(batch_of(name)).losses);
    expect_near(expected, pass_of(part, part->losses(batch_of(name))), 1e-5);
  }
}

TEST(TrainingPass, RecomputedActivationsGiveTheSameGradients) {
  for (const std::string& name : kCases) {
    SCOPED_TRACE(name);
    FusionModel kept = trainable_model(name);
    FusionModel again = trainable_model(name);
    again->set_recompute(true);
    const Pass expected = pass_of(kept, kept->losses(batch_of(name)));
    expect_near(expected, pass_of(again, again->losses(batch_of(name))), 1e-6);
  }
}

TEST(TrainingPass, MixedPrecisionStaysNearFloat32) {
  for (const std::string& name : kCases) {
    for (const bool recompute : {false, true}) {
      SCOPED_TRACE(name + (recompute ? ", recomputed" : ""));
      FusionModel exact = trainable_model(name);
      FusionModel mixed = trainable_model(name);
      mixed->set_recompute(recompute);
      const Pass expected = pass_of(exact, exact->losses(batch_of(name)));
      const auto losses = [&] {
        const AutocastGuard guard(Autocast{.device = torch::kCPU, .dtype = torch::kBFloat16});
        return mixed->losses(batch_of(name));
      }();
      const Pass got = pass_of(mixed, losses);
      EXPECT_NEAR(got.losses.total.item<double>(), expected.losses.total.item<double>(), 0.05);
      double difference = 0;
      double size = 0;
      for (const auto& [parameter, gradient] : expected.gradients) {
        EXPECT_EQ(got.gradients.at(parameter).scalar_type(), torch::kFloat32) << parameter;
        difference += (gradient - got.gradients.at(parameter)).square().sum().item<double>();
        size += gradient.square().sum().item<double>();
      }
      EXPECT_LT(std::sqrt(difference / size), 0.06);
    }
  }
}

TEST(TrainingPass, GradientsEqualFiniteDifferences) {
  // Every parameter of every block, each in one random direction: (L(p + h d) - L(p - h d)) / 2h = <grad, d>.
  for (const char* name : {"b_phi3_siglip_q16_two_questions", "c_llama_siglip_gqa", "g_siglip2"}) {
    SCOPED_TRACE(name);
    FusionModel model = trainable_model(name, torch::kFloat64);
    PreparedInput input = golden_rows(kGoldenFolder + name, 0, 1);
    input.pixels = input.pixels.to(torch::kFloat64);
    const Pass pass = pass_of(model, model->losses(input));
    const torch::NoGradGuard no_grad;
    torch::manual_seed(11);
    constexpr double kStep = 1e-7;  // so small that no maximum of the pooling changes places
    size_t checked = 0;
    for (auto& item : model->named_parameters()) {
      if (!pass.gradients.contains(item.key())) continue;
      torch::Tensor& parameter = item.value();
      auto direction = torch::randn(parameter.sizes(), torch::kFloat64);
      // The pad token's row is trained by nobody (its gradient is taken away), yet the loss depends on it.
      if (item.key() == "model.embed_tokens.weight") direction[model->config().decoder.pad_token_id].zero_();
      const auto values = parameter.clone();
      const auto loss_at = [&](double step) {
        parameter.set_data(values + step * direction);
        return model->losses(input).total.item<double>();
      };
      const double measured = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
      parameter.set_data(values);
      const double computed = (pass.gradients.at(item.key()) * direction).sum().item<double>();
      EXPECT_NEAR(measured, computed, 1e-5 * std::max(1.0, std::abs(computed))) << item.key();
      ++checked;
    }
    EXPECT_GT(checked, 50U);
  }
}

}  // namespace
}  // namespace fusion
