#include "workflows/assembly/stored_weights.h"

#include <sys/mman.h>
#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {

namespace {

constexpr int64_t kPiece = int64_t{1} << 20;  // values in memory at a time

/// What will be written, of floats: produce is still to be set. Nothing is read yet.
TensorSource source_like(const StoredTensor& stored, const std::string& name, DType dtype, std::vector<int64_t> shape) {
  const std::string who = cat(stored.file->path(), ": tensor ", printable(stored.view->name, 200));
  if (!c10::isFloatingType(scalar_type_of(stored.view->dtype, who))) {
    throw Error({.who = who,
                 .expected = "F64, F32, F16 or BF16 weights",
                 .got = std::string(dtype_name(stored.view->dtype)),
                 .cause = "a quantised checkpoint?"});
  }
  return {.name = name, .dtype = dtype, .shape = std::move(shape), .produce = {}};
}

/// A stored tensor as rows, whatever its shape, that are read in pieces and forgotten behind the reader.
class StoredRows {
 public:
  StoredRows(const StoredTensor& stored, int64_t width)
      : stored_(stored), rows_(tensor_of(stored.file, *stored.view).reshape({-1, width})), width_(width) {}

  int64_t size() const { return rows_.size(0); }

  /// Calls `use` with the first `count` rows, a few megabytes at a time.
  template <class Use>
  void for_each_piece(int64_t count, const Use& use) const {
    const int64_t step = std::max<int64_t>(1, kPiece / width_);
    for (int64_t begin = 0; begin < count; begin += step) {
      const int64_t end = std::min(count, begin + step);
      use(rows_.slice(0, begin, end));
      forget(begin, end);
    }
  }

 private:
  /// Unmaps the pages that lie within the rows, so that reading a model does not fill the memory with it. Nothing here
  /// writes to the mapping, of which that would be lost.
  void forget(int64_t begin, int64_t end) const {
    const auto bytes = stored_.file->writable_bytes(*stored_.view);
    const size_t row = static_cast<size_t>(width_) * dtype_size(stored_.view->dtype);
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const auto base = reinterpret_cast<uintptr_t>(bytes.data());
    const size_t first = (base + static_cast<size_t>(begin) * row + page - 1) / page * page - base;
    const size_t last = (base + static_cast<size_t>(end) * row) / page * page - base;
    if (first < last) ::madvise(bytes.data() + first, last - first, MADV_DONTNEED);
  }

  StoredTensor stored_;
  torch::Tensor rows_;
  int64_t width_;
};

/// Hands pieces over in the dtype of a source.
class Writer {
 public:
  Writer(const TensorSource& source, const ByteSink& sink)
      : name_(source.name), dtype_(scalar_type_of(source.dtype, source.name)), sink_(sink) {}

  void write(const torch::Tensor& values) const {
    const auto piece = values.to(dtype_).contiguous();
    if (dtype_ == torch::kHalf && values.scalar_type() != torch::kHalf &&
        torch::isinf(piece).logical_and(torch::isfinite(values)).any().item<bool>()) {
      throw Error({.who = cat("tensor ", printable(name_, 200)),
                   .expected = "values within float16's 65504",
                   .got = "larger ones",
                   .hint = "choose --dtype bfloat16"});
    }
    sink_({static_cast<const std::byte*>(piece.const_data_ptr()), piece.nbytes()});
  }

 private:
  std::string name_;
  torch::ScalarType dtype_;
  const ByteSink& sink_;
};

}  // namespace

TensorSource converted_tensor(const StoredTensor& stored, const std::string& name, DType dtype) {
  TensorSource source = source_like(stored, name, dtype, stored.view->shape);
  source.produce = [source, stored](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const StoredRows values(stored, 1);
    const Writer writer(source, sink);
    values.for_each_piece(values.size(), [&](const torch::Tensor& piece) { writer.write(piece); });
  };
  return source;
}

TensorSource resized_table(const StoredTensor& stored, const std::string& name, DType dtype, int64_t rows,
                           int64_t older) {
  const int64_t width = stored.view->shape.at(1);
  TensorSource source = source_like(stored, name, dtype, {rows, width});
  source.produce = [source, stored, rows, older, width](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const StoredRows table(stored, width);
    const int64_t kept = std::min({rows, older, table.size()});
    const Writer writer(source, sink);
    auto sum = torch::zeros({width}, torch::kFloat64);
    table.for_each_piece(kept, [&](const torch::Tensor& piece) {
      writer.write(piece);
      if (kept < rows) sum += piece.sum(0, /*keepdim=*/false, torch::kFloat64);
    });
    const auto mean = (sum / kept).to(torch::kFloat32);
    for (int64_t row = kept; row < rows; ++row) writer.write(mean);
  };
  return source;
}

TensorSource resized_positions(const StoredTensor& stored, const std::string& name, DType dtype, int64_t side) {
  const int64_t width = stored.view->shape.at(1);
  const int64_t stored_side = std::llround(std::sqrt(static_cast<double>(stored.view->shape.at(0))));
  TensorSource source = source_like(stored, name, dtype, {side * side, width});
  source.produce = [source, stored, side, stored_side, width](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const auto grid = tensor_of(stored.file, *stored.view)
                          .to(torch::kFloat32)
                          .reshape({1, stored_side, stored_side, width})
                          .permute({0, 3, 1, 2});
    const auto resized = torch::upsample_bicubic2d(grid, {side, side}, /*align_corners=*/false);  // [1, D, s, s]
    Writer(source, sink).write(resized.permute({0, 2, 3, 1}).reshape({side * side, width}));
  };
  return source;
}

}  // namespace fusion
