#pragma once
// For tests only: inputs of golden cases.

#include <string>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/prepared_input.h"

namespace fusion {

/// Rows [row, row + count) of a golden batch, without the padding that only other rows needed.
inline PreparedInput golden_rows(const std::string& folder, int64_t row, int64_t count) {
  const auto file = SafetensorsFile::open(folder + "/case.safetensors");
  const auto tensor = [&](const std::string& name) {
    return tensor_of(file, file->at(name)).slice(0, row, row + count);
  };
  PreparedInput input;
  input.attention_mask = tensor("in.attention_mask").to(torch::kBool);
  const int64_t longest = input.attention_mask.sum(1).max().item<int64_t>();
  input.attention_mask = input.attention_mask.slice(1, 0, longest);
  input.input_ids = tensor("in.input_ids").slice(1, 0, longest);
  input.labels = tensor("in.labels").slice(1, 0, longest);
  input.pixels = tensor("in.images");
  input.instruct_ids = tensor("in.instructs");
  input.query_len = 4;
  return input;
}

}  // namespace fusion
