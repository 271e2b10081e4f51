#pragma once
// One record as the model learns it: ids, labels, tiles.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/model/fusion_config.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/tiles.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/datasets/mixture.h"

namespace fusion {

struct SampleOptions {
  int64_t tile_size;          ///< pixels of a tile's side
  std::array<float, 3> mean;  ///< of the normalisation, see TileOptions
  std::array<float, 3> std;
  /// Ids and labels are cut to it before placeholders become features, as the reference's collator does (the model
  /// cuts once more, after). Above 0.
  int64_t max_length;
  DecodeOptions decode = {};  ///< pictures stand upright, as those of questions do

  TileOptions tiles() const { return {.tile_size = tile_size, .mean = mean, .std = std}; }
};

/// For the model: its tile size, its normalisation. Nothing for max_length: the model's own.
SampleOptions sample_options(const FusionConfig& config, std::optional<int64_t> max_length = {});

struct Sample {
  std::string id = {};
  TokenizedPrompt prompt = {};
  TileSet tiles = {};  ///< without pixels: text only
};

/// Reads records of a mixture. Any number of threads may read at once.
class SampleReader {
 public:
  /// Tokenizer and template must outlive this. Throws Error on a template that FUSION is not trained with.
  SampleReader(std::shared_ptr<const Mixture> mixture, const Tokenizer& tokenizer, const ConversationTemplate& format,
               const SampleOptions& options);

  /// Throws Error, which says where the record stands, where it is broken (see parse_record and turns_of_sample), a
  /// question has no answer, a message is empty, its picture is missing or broken, no message or more than one shows
  /// the picture, and where every label was dropped.
  Sample read(int64_t index) const;
  /// read() without the tiles, for a look at everything: the picture is decoded and no more.
  TokenizedPrompt read_prompt(int64_t index) const;
  /// read() as if the picture were there and sound.
  TokenizedPrompt read_words(int64_t index) const;

  const Mixture& mixture() const { return *mixture_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const SampleOptions& options() const { return options_; }
  /// What rows are padded with. The tokenizer's pad token; without one 0, for padding is masked.
  int64_t pad_id() const { return tokenizer_.special().pad.value_or(0); }

 private:
  TokenizedPrompt tokenize(const Record& record) const;

  std::shared_ptr<const Mixture> mixture_;
  const Tokenizer& tokenizer_;
  const ConversationTemplate& format_;
  SampleOptions options_;
};

}  // namespace fusion
