#pragma once
// For tests only: a small training run in a folder of its own.

#include <spng.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/config/output_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/assembly/init_checkpoint.h"
#include "workflows/training/loop/train_config.h"

namespace fusion {

/// A PNG of side x side pixels, each as `color_at(x, y)` says.
inline void write_png(const std::string& path, int side,
                      const std::function<std::array<uint8_t, 3>(int x, int y)>& color_at) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      for (const uint8_t value : color_at(x, y)) pixels.push_back(value);
    }
  }
  spng_ctx* const context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_ihdr header{};
  header.width = static_cast<uint32_t>(side);
  header.height = header.width;
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_ihdr(context, &header);
  spng_encode_image(context, pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  size_t size = 0;
  int status = 0;
  void* const bytes = spng_get_png_buffer(context, &size, &status);
  spng_ctx_free(context);
  write_text_file(path, {static_cast<const char*>(bytes), size});
  std::free(bytes);
}

/// The nano preset at a tenth of its work.
inline Preset small_preset() {
  Preset preset = find_preset("nano");
  preset.files.config.update({{"hidden_size", 64},
                              {"intermediate_size", 128},
                              {"num_attention_heads", 2},
                              {"num_key_value_heads", 2},
                              {"num_hidden_layers", 3},
                              {"num_of_vision_sampler_layers", 1},
                              {"mm_hidden_size", 48}});
  preset.files.vision->update({{"hidden_size", 48},
                               {"intermediate_size", 96},
                               {"num_attention_heads", 3},
                               {"num_hidden_layers", 4},
                               {"image_size", 42}});
  return preset;
}

/// Eight pictures, four questions about each, and a small model that knows nothing yet.
class TestRun {
 public:
  static constexpr int kPictures = 8;
  static constexpr int kRecords = 4 * kPictures;

  TestRun() {
    init_checkpoint(small_preset(), folder_ / "model", {.seed = 3, .dtype = "float32"});
    std::string lines;
    for (int i = 0; i < kPictures; ++i) {
      write_picture(i);
      for (const nlohmann::json& record : records_of(i)) lines += record.dump() + "\n";
    }
    write_text_file(folder_ / "records.jsonl", lines);
    write_config([](nlohmann::json&) {});
  }

  /// The config file with changes. YAML reads JSON.
  TrainConfig write_config(const std::function<void(nlohmann::json&)>& edit) const {
    nlohmann::json config = {{"model", "model"},
                             {"output", "run"},
                             {"steps", 6},
                             {"batch_size", 8},
                             {"micro_batch_size", 4},
                             {"query_lengths", {4, 16}},
                             {"export_dtype", "float32"},
                             {"data", {{"mixture", "records.jsonl"}}},
                             {"optimizer", {{"learning_rate", 1e-3}}},
                             {"checkpoints", {{"every", 2}, {"keep", 2}}}};
    edit(config);
    write_text_file(config_path(), config.dump(2));
    return read_train_config(config_path());
  }

  std::string config_path() const { return folder_ / "train.yaml"; }
  std::string output() const { return folder_ / "run"; }
  std::string path(const std::string& name) const { return folder_ / name; }

 private:
  struct Color {
    const char* name;
    std::array<uint8_t, 3> value;
  };
  static constexpr std::array<Color, kPictures> kColors = {{{"red", {220, 30, 30}},
                                                            {"green", {20, 170, 60}},
                                                            {"blue", {30, 60, 220}},
                                                            {"yellow", {240, 220, 30}},
                                                            {"black", {10, 10, 10}},
                                                            {"white", {250, 250, 250}},
                                                            {"purple", {140, 40, 170}},
                                                            {"grey", {128, 128, 128}}}};

  /// One half of the picture in its colour, the other in that of another picture.
  void write_picture(int i) const {
    const auto own = kColors[i].value;
    const auto other = kColors[(i + 3) % kPictures].value;
    write_png(folder_ / cat(i, ".png"), 48, [&](int x, int y) { return (i % 2 == 0 ? x : y) < 24 ? own : other; });
  }

  static std::vector<nlohmann::json> records_of(int i) {
    const char* const own = kColors[i].name;
    const char* const other = kColors[(i + 3) % kPictures].name;
    const std::string sides = i % 2 == 0 ? "left and right" : "above and below";
    const auto record = [i](int k, const std::string& question, const std::string& answer) {
      return nlohmann::json{
          {"id", cat("picture-", i, "-", k)},
          {"image", cat(i, ".png")},
          {"conversations",
           {{{"from", "human"}, {"value", "<image>\n" + question}}, {{"from", "gpt"}, {"value", answer}}}}};
    };
    return {record(0, "Which colour comes first?", own), record(1, "Which colour comes second?", other),
            record(2, "How do the colours lie?", sides), record(3, "Name both.", cat(own, ", ", other))};
  }

  ScratchFolder folder_;
};

}  // namespace fusion
