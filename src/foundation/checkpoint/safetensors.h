#pragma once
// Reading safetensors files (https://github.com/huggingface/safetensors, "Format"): 8 bytes of header length, a JSON
// header, then the tensors' bytes, little-endian and row-major.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/checkpoint/dtype.h"
#include "foundation/checkpoint/mapped_file.h"

namespace fusion {

/// One stored tensor. A scalar has an empty shape; a tensor with a zero in its shape has no bytes.
struct TensorView {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;  ///< row-major, exactly the product of the shape times the element size

  int64_t element_count() const { return static_cast<int64_t>(bytes.size() / dtype_size(dtype)); }
  /// Whether the bytes may be read as elements in place. Files with an odd header length exist: copy those.
  bool aligned() const { return reinterpret_cast<uintptr_t>(bytes.data()) % dtype_size(dtype) == 0; }
};

struct SafetensorsContent {
  std::vector<TensorView> tensors;              ///< in the order of their bytes
  std::map<std::string, std::string> metadata;  ///< the header's "__metadata__"
};

/// Checks `file`, the bytes of a whole safetensors file, and describes what it holds; the views point into `file`.
/// `who` names it in errors. Only the header is read.
///
/// Nothing in the file is trusted. Throws Error on: a header longer than 100 MB, than the file or than a million
/// values; JSON that is not an object of tensors; a name given twice; an unknown dtype; more than 16 dimensions; sizes
/// that are negative, fractional or overflow; offsets that are reversed, outside, of another length than the shape
/// says, overlapping, or that leave bytes of the file to no tensor.
SafetensorsContent parse_safetensors(std::span<const std::byte> file, const std::string& who);

/// A mapped safetensors file. Views stay valid as long as the object lives: hold the shared_ptr beside what uses them.
///
///     const auto file = SafetensorsFile::open("model.safetensors");
///     const TensorView& table = file->at("model.embed_tokens.weight");
class SafetensorsFile {
 public:
  /// Throws Error as MappedFile and parse_safetensors do.
  static std::shared_ptr<SafetensorsFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  /// Throws Error as MappedFile does.
  void require_unchanged() const { file_.require_unchanged(); }
  /// In the order of their bytes in the file.
  const std::vector<TensorView>& tensors() const { return content_.tensors; }
  const std::map<std::string, std::string>& metadata() const { return content_.metadata; }
  /// Null when there is no tensor of that name.
  const TensorView* find(std::string_view name) const;
  /// Throws Error, with the most similar name, when there is no tensor of that name.
  const TensorView& at(std::string_view name) const;
  /// The same bytes for writing: pages written become the process's own copy, the file on disk never changes. This
  /// is what lets a trained parameter live in the mapping.
  std::span<std::byte> writable_bytes(const TensorView& tensor);

 private:
  explicit SafetensorsFile(const std::string& path);

  std::string path_;
  MappedFile file_;
  SafetensorsContent content_;
  std::map<std::string_view, const TensorView*> by_name_;
};

}  // namespace fusion
