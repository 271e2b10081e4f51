#include "workflows/assembly/summary_report.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

using nlohmann::ordered_json;

constexpr int64_t kReportPositions = 1000;  // the KV cache is told for so many

struct FormatName {
  WeightFormat format;
  std::string_view name;
  std::string_view remark;
};
constexpr std::array<FormatName, 4> kFormats = {
    {{WeightFormat::kFloat32, "float32", ""},
     {WeightFormat::kBFloat16, "bfloat16", ""},
     {WeightFormat::kInt8, "int8", "linear layers, without scales; the rest bfloat16"},
     {WeightFormat::kInt4, "int4", "linear layers, without scales; the rest bfloat16"}}};

std::string square(int64_t side) {
  return cat(side, "x", side);
}

std::string share(uint64_t part, uint64_t all) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1)
      << 100.0 * static_cast<double>(part) / static_cast<double>(std::max<uint64_t>(all, 1));
  return out.str() + " %";
}

/// "0, 3, 6 .. 27"
std::string layer_list(const InteractionConfig& interaction) {
  std::vector<std::string> numbers;
  for (int64_t i = 0; i < interaction.count; ++i) {
    if (interaction.count > 4 && i == 3) {
      numbers.push_back(cat("... ", interaction.start + (interaction.count - 1) * interaction.stride));
      break;
    }
    numbers.push_back(cat(interaction.start + i * interaction.stride));
  }
  return join(numbers, ", ");
}

std::string rope_text(const RopeConfig& rope) {
  const std::string reach = grouped_text(static_cast<uint64_t>(rope.max_positions));
  const std::string trained = grouped_text(static_cast<uint64_t>(rope.original_positions));
  switch (rope.scaling) {
    case RopeScaling::kLongRope:
      return cat("long rope, theta ", rope.theta, ": ", trained, " positions extended to ", reach);
    case RopeScaling::kLlama3:
      return cat("llama3 rule, theta ", rope.theta, ": ", trained, " positions extended to ", reach);
    case RopeScaling::kNone:
      break;
  }
  return cat("plain, theta ", rope.theta, ": ", reach, " positions");
}

std::string_view rope_name(RopeScaling scaling) {
  switch (scaling) {
    case RopeScaling::kLongRope:
      return "longrope";
    case RopeScaling::kLlama3:
      return "llama3";
    case RopeScaling::kNone:
      break;
  }
  return "default";
}

std::string image_tokens_text(const FusionConfig& config) {
  const int64_t side = config.vision.patches_per_side();
  const std::string made =
      config.image_tokens ? cat(config.image_tokens->height, "x", config.image_tokens->width, " from ", square(side))
                          : square(side);
  return cat(config.num_image_tokens(), " a picture (", made, "); the latents look at a grid of ", square(2 * side));
}

std::string id_text(const std::optional<int64_t>& id) {
  return id ? cat(*id) : "none";
}

std::string dtypes_text(const WeightsSummary& weights) {
  std::vector<std::string> dtypes;
  dtypes.reserve(weights.parameters_by_dtype.size());
  for (const auto& [dtype, count] : weights.parameters_by_dtype) dtypes.push_back(dtype);
  return join(dtypes, ", ");
}

/// Text in sections of aligned lines.
class Report {
 public:
  void section(std::string_view title) { out_ << "\n" << title << "\n"; }
  void line(std::string_view label, std::string_view value) {
    out_ << "  " << std::left << std::setw(kLabelWidth) << label << value << "\n";
  }
  void paragraph(std::string_view text) { out_ << "  " << text << "\n"; }
  /// A number and a further column, both right-aligned; the remark follows.
  void numbers(std::string_view label, std::string_view number, std::string_view second, std::string_view remark = "") {
    out_ << "  " << std::left << std::setw(kLabelWidth) << label << std::right << std::setw(kNumberWidth) << number;
    if (!second.empty()) out_ << std::setw(kSecondWidth) << second;
    if (!remark.empty()) out_ << "  " << remark;
    out_ << "\n";
  }
  std::ostringstream& out() { return out_; }

 private:
  static constexpr int kLabelWidth = 20;
  static constexpr int kNumberWidth = 14;
  static constexpr int kSecondWidth = 9;
  std::ostringstream out_;
};

void report_tower(const FusionConfig& config, Report& report) {
  const VisionConfig& vision = config.vision;
  report.line("vision tower", config.vision_tower_name);
  report.line("", cat(vision.num_layers, " layers of width ", vision.hidden_size, ", ", vision.num_heads,
                      " heads, MLP ", vision.intermediate_size));
  report.line("", cat("tiles of ", square(vision.image_size), " pixels, patches of ", square(vision.patch_size)));
  if (!config.vision.text_guided) report.line("", "patches do not see the question (text_guided_encoding is off)");
  report.line("image tokens", image_tokens_text(config));
}

void report_latents(const FusionConfig& config, Report& report) {
  const InteractionConfig& interaction = config.decoder.interaction;
  report.line("interaction layers", interaction.count == 0
                                        ? "none"
                                        : cat(interaction.count, ", after decoder layers ", layer_list(interaction),
                                              "; windows of ", square(interaction.window)));
  report.line("latent tokens",
              config.has_latents() ? cat(join(config.query_lengths, ", "), " a question, as trained") : "none");
}

void report_architecture(const ModelSummary& model, Report& report) {
  const FusionConfig& config = model.config;
  const DecoderConfig& decoder = config.decoder;
  report.section("Architecture");
  report.line("type", cat(config.model_type, model.sees ? "" : ", a plain language model: it answers text only"));
  if (model.sees) report_tower(config, report);
  report.line("decoder",
              cat(decoder.num_layers, " layers of width ", decoder.hidden_size, ", ", decoder.num_heads, " heads of ",
                  decoder.head_dim, ", ", decoder.num_kv_heads, " KV heads, MLP ", decoder.intermediate_size));
  report.line("positions", rope_text(decoder.rope));
  report.line("context", cat("prompts of up to ", grouped_text(static_cast<uint64_t>(config.max_length)), " tokens",
                             model.sees ? ", picture included" : ""));
  if (model.sees) report_latents(config, report);
}

void report_parameters(const ModelSummary& model, Report& report) {
  const uint64_t all = model.parameters();
  report.section("Parameters");
  for (const BlockSummary& block : model.blocks) {
    const bool shared = block.tensors == 0 && block.name == "head";
    report.numbers(block.name, grouped_text(block.parameters), share(block.parameters, all),
                   shared ? "shared with the embeddings" : "");
  }
  report.numbers("all", grouped_text(all), share(all, all), cat(count_text(all), " in ", model.tensors(), " tensors"));
}

void report_memory(const ModelSummary& model, Report& report) {
  report.section("Memory (1 GB = 1,000,000,000 bytes)");
  for (const FormatName& each : kFormats) {
    report.numbers(cat("weights in ", each.name), bytes_text(weight_bytes(model, each.format)), "", each.remark);
  }
  report.numbers("KV cache", bytes_text(kReportPositions * kv_bytes_per_position(model.config.decoder)), "",
                 cat("for each ", grouped_text(kReportPositions), " positions of a request, in bfloat16"));
}

void report_tokenizer(const ModelSummary& model, Report& report) {
  report.section("Tokenizer");
  if (model.tokenizer) {
    const SpecialIds& special = model.tokenizer->special;
    report.line("kind", model.tokenizer->kind);
    report.line("vocabulary", cat(grouped_text(static_cast<uint64_t>(model.tokenizer->vocab_size)), " tokens"));
    report.line("special ids", cat("begin ", id_text(special.bos), ", end ", id_text(special.eos), ", padding ",
                                   id_text(special.pad), ", unknown ", id_text(special.unk)));
  } else {
    report.line("vocabulary", cat(grouped_text(static_cast<uint64_t>(model.config.decoder.vocab_size)), " tokens"));
  }
  report.line("answers end at",
              model.config.eos_token_ids.empty() ? "no id" : cat("ids ", join(model.config.eos_token_ids, ", ")));
  report.line("conversation", model.conversation.empty() ? "no known format: see the notes" : model.conversation);
}

void report_weights(const WeightsSummary& weights, Report& report) {
  report.section("Files");
  report.line("stored as", dtypes_text(weights));
  const size_t count = weights.files.size();
  const std::string files =
      count == 1 ? weights.files.front() : cat(count, " files, ", weights.files.front(), " to ", weights.files.back());
  report.line("weights", cat(bytes_text(weights.bytes), " in ", files));
}

ordered_json optional_id(const std::optional<int64_t>& id) {
  return id ? ordered_json(*id) : ordered_json(nullptr);
}

/// What only a FUSION model has is null for a plain one.
ordered_json architecture_json(const ModelSummary& model) {
  const FusionConfig& config = model.config;
  const DecoderConfig& decoder = config.decoder;
  const VisionConfig& vision = config.vision;
  ordered_json result{{"type", config.model_type},
                      {"vision_tower",
                       {{"name", config.vision_tower_name},
                        {"layers", vision.num_layers},
                        {"width", vision.hidden_size},
                        {"heads", vision.num_heads},
                        {"mlp", vision.intermediate_size},
                        {"tile", vision.image_size},
                        {"patch", vision.patch_size}}},
                      {"decoder",
                       {{"layers", decoder.num_layers},
                        {"width", decoder.hidden_size},
                        {"heads", decoder.num_heads},
                        {"kv_heads", decoder.num_kv_heads},
                        {"head_dim", decoder.head_dim},
                        {"mlp", decoder.intermediate_size},
                        {"vocabulary", decoder.vocab_size}}},
                      {"rope",
                       {{"kind", rope_name(decoder.rope.scaling)},
                        {"theta", decoder.rope.theta},
                        {"positions", decoder.rope.max_positions}}},
                      {"interaction",
                       {{"layers", decoder.interaction.count},
                        {"start", decoder.interaction.start},
                        {"stride", decoder.interaction.stride},
                        {"window", decoder.interaction.window}}},
                      {"context", config.max_length},
                      {"image_tokens", nullptr},
                      {"text_guided_encoding", config.vision.text_guided},
                      {"latent_tokens", config.has_latents() ? config.query_lengths : std::vector<int64_t>()},
                      {"end_ids", config.eos_token_ids}};
  if (model.sees) {
    result["image_tokens"] = config.num_image_tokens();
  } else {
    for (const char* key : {"vision_tower", "interaction", "text_guided_encoding", "latent_tokens"})
      result[key] = nullptr;
  }
  return result;
}

}  // namespace

std::string text_report(const ModelSummary& model) {
  Report report;
  report.out() << model.name << "\n";
  if (!model.description.empty()) report.out() << model.description << "\n";
  report_architecture(model, report);
  report_parameters(model, report);
  report_memory(model, report);
  report_tokenizer(model, report);
  if (model.weights) report_weights(*model.weights, report);
  if (!model.notes.empty()) {
    report.section("Notes");
    for (const std::string& note : model.notes) report.paragraph(note);
  }
  return report.out().str();
}

ordered_json json_report(const ModelSummary& model) {
  auto blocks = ordered_json::object();
  for (const BlockSummary& block : model.blocks) {
    blocks[block.name] = {{"parameters", block.parameters}, {"tensors", block.tensors}};
  }
  auto memory = ordered_json::object();
  for (const FormatName& each : kFormats) memory[std::string(each.name)] = weight_bytes(model, each.format);

  ordered_json report{{"name", model.name},
                      {"architecture", architecture_json(model)},
                      {"parameters", model.parameters()},
                      {"tensors", model.tensors()},
                      {"blocks", std::move(blocks)},
                      {"weight_bytes", std::move(memory)},
                      {"kv_bytes_per_position", kv_bytes_per_position(model.config.decoder)},
                      {"conversation", model.conversation},
                      {"tokenizer", nullptr},
                      {"weights", nullptr},
                      {"notes", model.notes}};
  if (model.tokenizer) {
    const SpecialIds& special = model.tokenizer->special;
    report["tokenizer"] = {{"kind", model.tokenizer->kind},       {"vocabulary", model.tokenizer->vocab_size},
                           {"begin", optional_id(special.bos)},   {"end", optional_id(special.eos)},
                           {"padding", optional_id(special.pad)}, {"unknown", optional_id(special.unk)}};
  }
  if (model.weights) {
    report["weights"] = {{"bytes", model.weights->bytes},
                         {"files", model.weights->files},
                         {"parameters_by_dtype", model.weights->parameters_by_dtype}};
  }
  return report;
}

}  // namespace fusion
