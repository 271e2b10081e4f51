#include "foundation/nn/tensor_io.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

DType dtype_of(torch::ScalarType type) {
  switch (type) {
    case torch::kBool:
      return DType::kBool;
    case torch::kUInt8:
      return DType::kU8;
    case torch::kInt8:
      return DType::kI8;
    case torch::kInt16:
      return DType::kI16;
    case torch::kInt32:
      return DType::kI32;
    case torch::kInt64:
      return DType::kI64;
    case torch::kHalf:
      return DType::kF16;
    case torch::kBFloat16:
      return DType::kBF16;
    case torch::kFloat32:
      return DType::kF32;
    case torch::kFloat64:
      return DType::kF64;
    default:
      throw Error({.who = "safetensors", .expected = "a dtype the format has", .got = c10::toString(type)});
  }
}

}  // namespace

torch::ScalarType scalar_type_of(DType dtype, const std::string& who) {
  switch (dtype) {
    case DType::kBool:
      return torch::kBool;
    case DType::kU8:
      return torch::kUInt8;
    case DType::kI8:
      return torch::kInt8;
    case DType::kI16:
      return torch::kInt16;
    case DType::kI32:
      return torch::kInt32;
    case DType::kI64:
      return torch::kInt64;
    case DType::kF16:
      return torch::kHalf;
    case DType::kBF16:
      return torch::kBFloat16;
    case DType::kF32:
      return torch::kFloat32;
    case DType::kF64:
      return torch::kFloat64;
    default:
      throw Error({.who = who,
                   .expected = "a whole-number dtype, F64, F32, F16 or BF16",
                   .got = std::string(dtype_name(dtype)),
                   .cause = "a quantised checkpoint?"});
  }
}

torch::Tensor tensor_of(const std::shared_ptr<SafetensorsFile>& file, const TensorView& view) {
  const auto options = torch::TensorOptions().dtype(scalar_type_of(view.dtype, cat(file->path(), ": ", view.name)));
  if (!view.aligned() || view.bytes.empty()) {
    auto copy = torch::empty(view.shape, options);
    std::copy(view.bytes.begin(), view.bytes.end(), static_cast<std::byte*>(copy.data_ptr()));
    return copy;
  }
  return torch::from_blob(file->writable_bytes(view).data(), view.shape, [file](void*) {}, options);
}

TensorSource source_of(const std::string& name, const torch::Tensor& tensor) {
  return {.name = name,
          .dtype = dtype_of(tensor.scalar_type()),
          .shape = tensor.sizes().vec(),
          .produce = [tensor](const ByteSink& sink) {
            const auto flat = tensor.detach().to(torch::kCPU).contiguous();
            sink({static_cast<const std::byte*>(flat.const_data_ptr()), flat.nbytes()});
          }};
}

}  // namespace fusion
