#include <cstdio>
#include <memory>

#include "pipeline/generation/assistant.h"
#include "pipeline/preprocess/decode.h"

int main() {
  fusion::Assistant assistant("FUSION-Phi3.5-3B", {});
  const auto picture = std::make_shared<fusion::Picture>(fusion::load_picture("photo.jpg"));
  const fusion::Answer answer =
      assistant.answer({.turns = fusion::single_question("What is this?", /*has_picture=*/true),
                        .pictures = {picture},
                        .query_len = assistant.latent_count("balanced")});
  std::puts(answer.text.c_str());
}
