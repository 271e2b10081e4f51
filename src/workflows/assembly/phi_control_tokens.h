#pragma once
// The control tokens of Phi-3.5's tokenizer, as FUSION extends it.

#include <array>
#include <cstdint>
#include <string_view>

namespace fusion {

/// A control token at `offset` from where the family's begin.
struct ControlToken {
  int64_t offset;
  std::string_view name;
  bool eats_space = false;  ///< white space on its right belongs to it
};

/// Ids from the first of them to the end of the vocabulary: 32000 to 32012 in the published checkpoints.
inline constexpr int64_t kPhiControlIds = 13;

inline constexpr auto kPhiControlTokens = std::to_array<ControlToken>({{0, "<|endoftext|>"},
                                                                       {1, "<|assistant|>", true},
                                                                       {6, "<|system|>", true},
                                                                       {7, "<|end|>", true},
                                                                       {10, "<|user|>", true},
                                                                       {11, "<vision_start>"},
                                                                       {12, "<vision_end>"}});

}  // namespace fusion
