#include "workflows/parity/replay.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include <utility>

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/core/text.h"
#include "foundation/nn/parameter.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/generation/generate.h"
#include "pipeline/model/load_model.h"
#include "workflows/parity/exact_convolutions.h"

namespace fusion {

namespace {

PreparedInput common_input(const GoldenCase& golden, const ReplayOptions& options) {
  PreparedInput input;
  input.pixels = golden.at("in.images").to(options.device, options.dtype);
  input.instruct_ids = golden.at("in.instructs").to(options.device);
  // instruct_lengths stays undefined: the goldens count padded instruct ids, as the reference does.
  input.query_len = golden.query_len;
  return input;
}

/// The prompt of the generation is one row; pictures and instruct ids are those of the case's first.
PreparedInput generation_input(const GoldenCase& golden, const ReplayOptions& options) {
  PreparedInput input = common_input(golden, options);
  input.pixels = input.pixels.slice(0, 0, 1);
  input.instruct_ids = input.instruct_ids.slice(0, 0, 1);
  input.input_ids = golden.at("gen.input_ids").to(options.device);
  input.attention_mask = torch::ones_like(input.input_ids, torch::kBool);
  input.labels =
      golden.has("gen.labels") ? golden.at("gen.labels").to(options.device) : inference_labels(input.attention_mask);
  return input;
}

torch::optim::AdamW optimizer_for(FusionModel& model, const GoldenOptimizer& settings) {
  return torch::optim::AdamW(model->parameters(), torch::optim::AdamWOptions(settings.lr)
                                                      .betas(std::make_tuple(settings.beta1, settings.beta2))
                                                      .eps(settings.eps)
                                                      .weight_decay(settings.weight_decay));
}

void keep_smallest(OptimizerRun& run, FusionModel& model) {
  for (const auto& item : model->named_parameters()) {
    if (!item.value().grad().defined()) continue;
    const auto magnitude = item.value().grad().detach().abs().to(torch::kCPU, torch::kFloat32);
    torch::Tensor& smallest = run.smallest_gradients[item.key()];
    smallest = smallest.defined() ? torch::minimum(smallest, magnitude) : magnitude.clone();
  }
}

OptimizerRun run_optimizer(const GoldenCase& golden, const GoldenOptimizer& settings, const ReplayOptions& options,
                           const std::string& prefix, Trace& stages) {
  FusionModel model = golden_model(golden, options);
  auto optimizer = optimizer_for(model, settings);
  const PreparedInput input = golden_training_input(golden, options);
  OptimizerRun run;
  for (int64_t step = 0; step < settings.steps; ++step) {
    optimizer.zero_grad();
    const auto loss = model->forward(input).losses.total;
    loss.backward();
    run.losses.push_back(loss.item<double>());
    if (settings.clip) run.grad_norms.push_back(torch::nn::utils::clip_grad_norm_(model->parameters(), *settings.clip));
    keep_smallest(run, model);
    optimizer.step();
  }
  const torch::NoGradGuard no_grad;
  run.losses.push_back(model->forward(input).losses.total.item<double>());
  for (const auto& item : model->named_parameters()) stages[prefix + item.key()] = item.value();
  return run;
}

void run_forward_and_backward(const GoldenCase& golden, const ReplayOptions& options, Trace& stages) {
  FusionModel model = golden_model(golden, options);
  const auto output = model->forward(golden_training_input(golden, options), TraceScope(&stages));
  output.losses.total.backward();
  for (const auto& item : model->named_parameters()) {
    if (item.value().grad().defined()) stages["grad." + item.key()] = item.value().grad();
  }
}

void run_generation(const GoldenCase& golden, const ReplayOptions& options, Trace& stages) {
  FusionModel model = golden_model(golden, options);
  set_requires_grad(*model, false);
  const Reading reading = model->read(generation_input(golden, options), /*with_pairs=*/false);
  const GenerationOptions row{.max_new_tokens = golden.max_new_tokens};
  generate(*model, reading, {&row, 1}, {}, TraceScope(&stages));
}

/// The form in which the golden files keep a tensor.
torch::Tensor as_stored(const torch::Tensor& tensor) {
  const auto plain = tensor.detach().to(torch::kCPU);
  if (plain.scalar_type() == torch::kBool) return plain.to(torch::kUInt8).contiguous();
  return (plain.is_floating_point() ? plain.to(torch::kFloat32) : plain.to(torch::kInt64)).contiguous();
}

}  // namespace

FusionModel golden_model(const GoldenCase& golden, const ReplayOptions& options) {
  const Checkpoint checkpoint(golden.folder);
  FusionConfig config = golden.config;
  use_stored_vocabulary(config, checkpoint);
  FusionModel model(config);
  load_parameters(*model, checkpoint, {.device = options.device, .dtype = options.dtype});
  return model;
}

PreparedInput golden_training_input(const GoldenCase& golden, const ReplayOptions& options) {
  PreparedInput input = common_input(golden, options);
  input.input_ids = golden.at("in.input_ids").to(options.device);
  input.attention_mask = golden.at("in.attention_mask").to(options.device, torch::kBool);
  input.labels = golden.at("in.labels").to(options.device);
  return input;
}

Replay replay(const GoldenCase& golden, const ReplayOptions& options) {
  const ExactConvolutions exact;
  Replay result;
  run_forward_and_backward(golden, options, result.stages);
  if (golden.adamw1) result.adamw1 = run_optimizer(golden, *golden.adamw1, options, "adamw1.", result.stages);
  if (golden.adamw3) result.adamw3 = run_optimizer(golden, *golden.adamw3, options, "adamw3.", result.stages);
  if (golden.has("gen.input_ids")) run_generation(golden, options, result.stages);
  for (auto& [name, tensor] : result.stages) tensor = as_stored(tensor);
  return result;
}

void dump_stages(const Trace& stages, const std::string& path) {
  std::vector<TensorSource> sources;
  for (const auto& [name, tensor] : stages) sources.push_back(source_of(name, tensor));
  write_safetensors(path, sources, {{"format", "pt"}});
}

}  // namespace fusion
