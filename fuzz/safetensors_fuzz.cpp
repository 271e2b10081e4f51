// Any bytes are a safetensors file or an Error, and what is accepted lies inside the bytes.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  try {
    const fusion::SafetensorsContent content = fusion::parse_safetensors(file, "input");
    for (const fusion::TensorView& tensor : content.tensors) {
      const bool inside =
          tensor.bytes.data() >= file.data() && tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size();
      if (!inside || fusion::tensor_bytes(tensor.dtype, tensor.shape) != tensor.bytes.size()) std::abort();
    }
  } catch (const fusion::Error&) {
    return 0;
  }
  return 0;
}
