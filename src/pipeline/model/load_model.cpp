#include "pipeline/model/load_model.h"

#include <torch/types.h>

#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/parameter.h"

namespace fusion {

namespace {

constexpr const char* kEmbeddingName = "model.embed_tokens.weight";

torch::ScalarType scalar_type_of(const TensorView& view) {
  switch (view.dtype) {
    case DType::kF32:
      return torch::kFloat32;
    case DType::kF16:
      return torch::kHalf;
    case DType::kBF16:
      return torch::kBFloat16;
    case DType::kF64:
      return torch::kFloat64;
    default:
      throw Error({.who = cat("tensor ", view.name),
                   .expected = "F64, F32, F16 or BF16 weights",
                   .got = std::string(dtype_name(view.dtype)),
                   .cause = "a quantised checkpoint?"});
  }
}

/// The stored tensor, seen in place; it keeps the mapping alive.
torch::Tensor mapped_tensor(const StoredTensor& stored) {
  const auto options = torch::TensorOptions().dtype(scalar_type_of(*stored.view));
  if (!stored.view->aligned()) {
    auto copy = torch::empty(stored.view->shape, options);
    std::copy(stored.view->bytes.begin(), stored.view->bytes.end(), static_cast<std::byte*>(copy.data_ptr()));
    return copy;
  }
  auto* bytes = stored.file->writable_bytes(*stored.view).data();
  return torch::from_blob(bytes, stored.view->shape, [keep = stored.file](void*) {}, options);
}

}  // namespace

std::vector<TensorSpec> tensor_table(const torch::nn::Module& module) {
  std::vector<TensorSpec> table;
  for (const auto& item : module.named_parameters()) {
    table.push_back({.name = item.key(), .shape = item.value().sizes().vec()});
  }
  return table;
}

void load_parameters(torch::nn::Module& module, const Checkpoint& checkpoint, const LoadOptions& options) {
  const TableDiff diff = compare_tables(tensor_table(module), checkpoint.table());
  if (!diff.empty()) {
    throw Error({.who = checkpoint.folder(),
                 .expected = "the tensors that config.json describes",
                 .got = diff.describe(),
                 .cause = "config.json and the weights are not of the same model, or a shard is missing"});
  }
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    const StoredTensor& stored = *checkpoint.find(item.key());
    auto values = mapped_tensor(stored);
    values = values.to(options.device, options.dtype.value_or(values.scalar_type()));
    item.value().set_data(values);
  }
}

FusionModel load_fusion_model(const std::string& folder, const LoadOptions& options) {
  FusionConfig config = read_fusion_config(folder);
  const Checkpoint checkpoint(folder);
  const StoredTensor* embedding = checkpoint.find(kEmbeddingName);
  if (embedding != nullptr && embedding->view->shape.size() == 2) {
    config.decoder.vocab_size = embedding->view->shape[0];
  }
  FusionModel model(std::move(config));
  load_parameters(*model, checkpoint, options);
  set_requires_grad(*model, false);
  model->eval();
  return model;
}

}  // namespace fusion
