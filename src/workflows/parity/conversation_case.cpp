#include "workflows/parity/conversation_case.h"

#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/generation/assistant.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/tiles.h"
#include "workflows/parity/exact_convolutions.h"
#include "workflows/parity/golden_case.h"

namespace fusion {

namespace {

using Ids = std::vector<int64_t>;

torch::Tensor row_of(const Ids& ids, torch::Device device) {
  return torch::tensor(ids, torch::kInt64).unsqueeze(0).to(device);
}

Ids ids_of(const torch::Tensor& tensor) {
  const auto flat = tensor.to(torch::kCPU, torch::kInt64).flatten().contiguous();
  return {flat.const_data_ptr<int64_t>(), flat.const_data_ptr<int64_t>() + flat.numel()};
}

class ConversationCase {
 public:
  ConversationCase(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds, Trace& stages)
      : tensors_file_(folder + "/conversation.safetensors"),
        options_(options),
        bounds_(bounds),
        stages_(stages),
        tensors_(read_tensors(tensors_file_)),
        picture_(std::make_shared<const Picture>(load_picture(folder + "/picture.png"))),
        model_(load_fusion_model(folder, load_options())),
        assistant_(folder, {.load = load_options()}) {}

  std::vector<StageCheck> run(const JsonObject& meta) {
    query_len_ = read_query_len(meta);
    generation_.max_new_tokens = meta.required_in_range("max_new_tokens", 0, kMaxGoldenTokens);
    checks_.push_back(equal_text("template", std::string(assistant_.conversation_template().name),
                                 meta.required<std::string>("template")));
    check_pixels();
    const auto questions = meta.required<std::vector<std::string>>("questions");
    size_t asked = 0;
    for_each_object(meta, "rounds", [&](const JsonObject& round, const std::string&) {
      if (asked < questions.size()) ask(questions[asked], round, cat("round.", asked, "."));
      ++asked;
    });
    if (asked != questions.size()) {
      throw Error({.who = meta.who("rounds"), .expected = cat(questions.size(), " of them"), .got = cat(asked)});
    }
    if (meta.find("cli_rounds") != nullptr) {
      size_t number = 0;
      for_each_object(meta, "cli_rounds",
                      [&](const JsonObject& round, const std::string&) { go_on(round, cat("cli.", number++, ".")); });
    }
    return std::move(checks_);
  }

 private:
  LoadOptions load_options() const { return {.device = options_.device, .dtype = options_.dtype}; }

  void check_pixels() {
    const VisionConfig& vision = model_->config().vision;
    const int64_t side = vision.image_size;
    const TileOptions tiles{.tile_size = side, .mean = vision.image_mean, .std = vision.image_std};
    auto values = normalise(make_tiles(*picture_, tiles), tiles);
    stages_["in.images"] = torch::from_blob(values.data(), {1, kTileCount, kTileChannels, side, side}).clone();
    checks_.push_back(equal_tensor("in.images", stages_["in.images"], tensor_in(tensors_, "in.images", tensors_file_)));
  }

  /// The next question of the conversation.
  void ask(const std::string& question, const JsonObject& round, const std::string& name) {
    turns_.push_back({.speaker = Speaker::kUser, .text = question, .picture = turns_.empty()});
    const ConversationTemplate& format = assistant_.conversation_template();
    const TokenizedPrompt prompt = tokenize_for_answer(assistant_.tokenizer(), format, turns_);
    checks_.push_back(equal_text(name + "prompt", render(format, turns_, /*open_end=*/true).text(),
                                 round.required<std::string>("prompt")));
    checks_.push_back(equal_ids(name + "input_ids", prompt.input_ids, round.required<Ids>("input_ids")));
    checks_.push_back(equal_ids(name + "labels", prompt.labels, round.required<Ids>("labels")));
    checks_.push_back(equal_ids(name + "instruct_ids", prompt.instruct_ids, round.required<Ids>("instruct_ids")));

    Trace trace;
    const Answer answer =
        assistant_.answer({.turns = turns_, .pictures = {picture_}, .query_len = query_len_, .generation = generation_},
                          {}, TraceScope(&trace));
    check_answer(round, name, answer.generation.ids, trace);
    checks_.push_back(equal_text(name + "answer", answer.text, round.required<std::string>("answer")));
    turns_.push_back({.speaker = Speaker::kAssistant, .text = answer.text});
  }

  /// What follows a prompt whose ids are given.
  void go_on(const JsonObject& round, const std::string& name) {
    PreparedInput input;
    input.input_ids = row_of(round.required<Ids>("input_ids"), options_.device);
    input.attention_mask = torch::ones_like(input.input_ids, torch::kBool);
    input.labels = row_of(round.required<Ids>("labels"), options_.device);
    input.pixels = tensor_in(tensors_, "in.images", tensors_file_).to(options_.device, options_.dtype);
    input.instruct_ids = row_of(round.required<Ids>("instruct_ids"), options_.device);
    input.query_len = query_len_;
    const torch::NoGradGuard no_grad;
    const Reading reading = model_->read(input, /*with_pairs=*/false);
    Trace trace;
    const auto results = generate(*model_, reading, {&generation_, 1}, {}, TraceScope(&trace));
    check_answer(round, name, results.at(0).ids, trace);
  }

  void check_answer(const JsonObject& round, const std::string& name, const Ids& ids, const Trace& trace) {
    for (const char* key : {"instruct_pos", "vision_pos"}) {
      Ids expected;
      for (const Ids& row : round.required<std::vector<Ids>>(key)) {
        expected.insert(expected.end(), row.begin(), row.end());
      }
      checks_.push_back(equal_ids(name + key, ids_of(tensor_in(trace, cat("gen.", key), name)), expected));
    }
    const torch::Tensor& expected = tensor_in(tensors_, name + "logits", tensors_file_);
    torch::Tensor& logits = stages_[name + "logits"];
    logits = tensor_in(trace, "gen.logits", name).to(torch::kCPU, torch::kFloat32);
    // A golden may hold the first steps only.
    const int64_t steps = std::min(logits.size(1), expected.size(1));
    checks_.push_back(near_tensor(name + "logits", logits.slice(1, 0, steps), expected, bounds_.stage));
    checks_.push_back(equal_ids(name + "output_ids", ids, round.required<Ids>("output_ids")));
  }

  std::string tensors_file_;
  ReplayOptions options_;
  ParityBounds bounds_;
  Trace& stages_;
  Trace tensors_;
  std::shared_ptr<const Picture> picture_;
  FusionModel model_;
  Assistant assistant_;
  int64_t query_len_ = 0;
  GenerationOptions generation_;
  std::vector<Turn> turns_;
  std::vector<StageCheck> checks_;
};

}  // namespace

std::vector<StageCheck> check_conversation(const std::string& folder, const ReplayOptions& options,
                                           const ParityBounds& bounds, Trace& stages) {
  const ExactConvolutions exact;
  const std::string path = folder + "/conversation.json";
  const nlohmann::json json = read_json_file(path);
  return ConversationCase(folder, options, bounds, stages).run(JsonObject(json, path));
}

}  // namespace fusion
