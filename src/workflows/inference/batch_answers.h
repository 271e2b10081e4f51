#pragma once
// Many questions from a JSON Lines file, answered in batches.

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include "pipeline/generation/assistant.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/inference/answer_log.h"

namespace fusion {

struct BatchOptions {
  Question blank;              ///< what all questions have in common: latent tokens, limits, sampling
  std::string picture_folder;  ///< where relative paths of pictures begin
  DecodeOptions decode = {};
  int64_t batch_size = 1;  ///< questions answered together
};

struct BatchReport {
  uint64_t answered = 0;
  uint64_t failed = 0;   ///< lines that got an "error" for an answer
  uint64_t skipped = 0;  ///< lines that an earlier run has answered
  bool cancelled = false;
};

/// Reads a record a line and appends its answer to `log`. A record is an object with
/// - "question": a text, or "conversations": messages {"from": "human" or "gpt", "value": text} of which the last is a
///   question, as LLaVA's data has them;
/// - "image", unless it is about text only: the path of a picture. In conversations also a list of paths, one for each
///   `<image>` in the messages.
/// The answer's record holds "line", everything of the question's, and "answer", "stop", "prompt_positions" and
/// "new_tokens"; or "error", and the run goes on. Empty lines are passed over.
///
/// Throws Error where the log cannot be written, where a line has more than 16 MiB, and where the model's files
/// changed.
/// \param listener  `on_text` is not called; cancelled ends the run after the answers that are complete
/// \param on_line   hears of each input line that is done with
BatchReport answer_lines(const Assistant& assistant, std::istream& lines, AnswerLog& log, const BatchOptions& options,
                         const AnswerListener& listener = {}, const std::function<void()>& on_line = {});

}  // namespace fusion
