// One training step by the trainer's own pieces, timed. train_step_torch.py does the same step in plain PyTorch on the
// same files, and compare_train_step.py lets the two take turns.
//
//     train_step make nano FOLDER               random weights and one micro-batch
//     train_step run FOLDER --steps 20          JSON: seconds, CPU seconds of all threads and loss of every step, peak
//     memory

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "foundation/core/error.h"
#include "foundation/nn/kept_memory.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/load_model.h"
#include "workflows/assembly/init_checkpoint.h"
#include "workflows/inference/machine.h"
#include "workflows/training/optimization/sharded_adamw.h"

namespace {

using fusion::PreparedInput;
using nlohmann::json;

constexpr const char* kBatchFile = "/batch.safetensors";
constexpr double kLearningRate = 5e-6;
constexpr double kClipNorm = 1.0;

struct Shape {
  fusion::Preset preset;
  int64_t batch;
};

/// Four decoder layers of FUSION-Phi3.5-3B, four of its tower's (the fifth is the one that is never kept), and two
/// interaction layers.
Shape cut_3b() {
  fusion::Preset preset = fusion::find_preset("fusion-phi3.5-3b");
  json& config = preset.files.config;
  config["num_hidden_layers"] = 4;
  config["num_of_vision_sampler_layers"] = 2;
  preset.files.vision = json{{"hidden_act", "gelu_pytorch_tanh"},
                             {"hidden_size", 1152},
                             {"image_size", 384},
                             {"intermediate_size", 4304},
                             {"layer_norm_eps", 1e-6},
                             {"model_type", "siglip_vision_model"},
                             {"num_attention_heads", 16},
                             {"num_channels", 3},
                             {"num_hidden_layers", 5},
                             {"patch_size", 14}};
  return {.preset = std::move(preset), .batch = 1};
}

Shape shape_of(const std::string& name) {
  if (name == "nano") return {.preset = fusion::find_preset("nano"), .batch = 8};
  if (name == "3b-4-layers") return cut_3b();
  throw fusion::Error({.who = "shape", .expected = "nano or 3b-4-layers", .got = name});
}

/// Tokens of a prompt in the form of phi_3, all but the placeholders drawn at random.
struct Row {
  std::vector<int64_t> ids = {};
  std::vector<int64_t> labels = {};
  torch::Tensor question = {};
};

Row random_row(int64_t vocabulary) {
  const auto words = [&](int64_t count) { return torch::randint(3, vocabulary, {count}, torch::kInt64); };
  Row row;
  const auto add = [&row](const torch::Tensor& ids, bool learnt) {
    for (int64_t i = 0; i < ids.size(0); ++i) {
      row.ids.push_back(ids[i].item<int64_t>());
      row.labels.push_back(learnt ? row.ids.back() : fusion::kIgnoreLabel);
    }
  };
  const auto about_30 = [] { return 26 + torch::randint(9, {1}, torch::kInt64).item<int64_t>(); };
  row.question = words(about_30());
  add(words(12), false);  // system, start of the picture
  add(torch::tensor({fusion::kLatentToken}), false);
  add(words(2), false);
  add(torch::tensor({fusion::kImageToken}), false);
  add(words(2), false);
  add(row.question, false);
  add(words(2), false);
  row.labels.back() = fusion::kQuestionLabel;
  add(words(about_30()), true);
  return row;
}

PreparedInput random_batch(const fusion::FusionConfig& config, int64_t batch) {
  torch::manual_seed(7);
  std::vector<Row> rows;
  for (int64_t b = 0; b < batch; ++b) rows.push_back(random_row(config.decoder.vocab_size));
  int64_t length = 0;
  int64_t question = 0;
  for (const Row& row : rows) {
    length = std::max(length, std::ssize(row.ids));
    question = std::max(question, row.question.size(0));
  }
  const int64_t side = config.vision.image_size;
  PreparedInput input{.input_ids = torch::full({batch, length}, config.decoder.pad_token_id, torch::kInt64),
                      .attention_mask = torch::zeros({batch, length}, torch::kBool),
                      .labels = torch::full({batch, length}, fusion::kIgnoreLabel, torch::kInt64),
                      .pixels = torch::randn({batch, 5, 3, side, side}),
                      .instruct_ids = torch::full({batch, question}, fusion::kInstructPadding, torch::kInt64),
                      .instruct_lengths = torch::zeros({batch}, torch::kInt64),
                      .query_len = 64};
  for (int64_t b = 0; b < batch; ++b) {
    const Row& row = rows[static_cast<size_t>(b)];
    const auto own = [&](torch::Tensor& all, const torch::Tensor& values) {
      all[b].narrow(0, 0, values.size(0)).copy_(values);
    };
    own(input.input_ids, torch::tensor(row.ids));
    own(input.labels, torch::tensor(row.labels));
    own(input.instruct_ids, row.question);
    input.attention_mask[b].narrow(0, 0, std::ssize(row.ids)).fill_(true);
    input.instruct_lengths[b].fill_(row.question.size(0));
  }
  return input;
}

void make(const std::string& name, const std::string& folder) {
  Shape shape = shape_of(name);
  fusion::init_checkpoint(shape.preset, folder, {.seed = 1, .dtype = "float32"});
  const PreparedInput input = random_batch(fusion::read_fusion_config(folder), shape.batch);
  fusion::write_safetensors(
      folder + kBatchFile,
      {fusion::source_of("input_ids", input.input_ids), fusion::source_of("attention_mask", input.attention_mask),
       fusion::source_of("labels", input.labels), fusion::source_of("pixels", input.pixels),
       fusion::source_of("instruct_ids", input.instruct_ids),
       fusion::source_of("instruct_lengths", input.instruct_lengths),
       fusion::source_of("query_len", torch::tensor({input.query_len}))});
}

PreparedInput read_batch(const std::string& folder) {
  const auto file = fusion::SafetensorsFile::open(folder + kBatchFile);
  const auto tensor = [&](const char* name) { return fusion::tensor_of(file, file->at(name)).clone(); };
  return {.input_ids = tensor("input_ids"),
          .attention_mask = tensor("attention_mask"),
          .labels = tensor("labels"),
          .pixels = tensor("pixels"),
          .instruct_ids = tensor("instruct_ids"),
          .instruct_lengths = tensor("instruct_lengths"),
          .query_len = tensor("query_len").item<int64_t>()};
}

json run(const std::string& folder, int64_t steps) {
  fusion::keep_freed_memory();  // as fusion train does
  fusion::FusionModel model = fusion::load_fusion_model(folder, {});
  model->train();
  const auto communicator = fusion::single_process();
  fusion::ShardedAdamW optimizer(fusion::group_parameters(*model, kLearningRate, /*weight_decay=*/0.0, {}), {},
                                 *communicator);
  const PreparedInput input = read_batch(folder);
  json seconds = json::array();
  json cpu_seconds = json::array();
  json losses = json::array();
  for (int64_t step = 0; step < steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu_start = std::clock();
    const auto loss = model->losses(input).total;
    loss.backward();
    optimizer.finish_backward();
    optimizer.step(1.0, kClipNorm, optimizer.gradient_norm());
    losses.push_back(loss.item<double>());
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cpu_seconds.push_back(static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC);
  }
  return {{"samples", input.pixels.size(0)},
          {"threads", at::get_num_threads()},
          {"seconds", seconds},
          {"cpu_seconds", cpu_seconds},
          {"losses", losses},
          {"peak_bytes", fusion::memory_use().peak_resident}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("One training step, timed.");
  app.require_subcommand(1);
  std::string shape;
  std::string folder;
  int64_t steps = 5;
  CLI::App* making = app.add_subcommand("make", "write random weights and a micro-batch into a folder");
  making->add_option("shape", shape, "nano or 3b-4-layers")->required();
  making->add_option("folder", folder)->required();
  CLI::App* running = app.add_subcommand("run", "do steps on what `make` wrote and print them as JSON");
  running->add_option("folder", folder)->required();
  running->add_option("--steps", steps)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    if (making->parsed()) make(shape, folder);
    if (running->parsed()) std::cout << run(folder, steps) << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
