#include "workflows/assembly/stored_weights.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {

namespace {

constexpr int64_t kPiece = int64_t{1} << 20;  // values in memory at a time

/// [count, width], whatever the shape; of floats.
torch::Tensor rows_of(const StoredTensor& stored, int64_t width) {
  const auto values = tensor_of(stored.file, *stored.view);
  if (!values.is_floating_point()) {
    throw Error({.who = cat(stored.file->path(), ": tensor ", printable(stored.view->name, 200)),
                 .expected = "F64, F32, F16 or BF16 weights",
                 .got = std::string(dtype_name(stored.view->dtype)),
                 .cause = "a quantised checkpoint?"});
  }
  return values.reshape({-1, width});
}

/// Hands rows over in pieces and in the dtype of a source.
class Writer {
 public:
  Writer(const TensorSource& source, const ByteSink& sink)
      : name_(source.name), dtype_(scalar_type_of(source.dtype, source.name)), sink_(sink) {}

  void write(const torch::Tensor& rows) const {
    const int64_t step = std::max<int64_t>(1, kPiece / std::max<int64_t>(1, rows.size(1)));
    for (int64_t begin = 0; begin < rows.size(0); begin += step) {
      write_piece(rows.slice(0, begin, std::min(rows.size(0), begin + step)));
    }
  }

 private:
  void write_piece(const torch::Tensor& rows) const {
    const auto piece = rows.to(dtype_).contiguous();
    if (dtype_ == torch::kHalf && rows.scalar_type() != torch::kHalf &&
        torch::isinf(piece).logical_and(torch::isfinite(rows)).any().item<bool>()) {
      throw Error({.who = cat("tensor ", printable(name_, 200)),
                   .expected = "values within float16's 65504",
                   .got = "larger ones",
                   .hint = "choose --dtype bfloat16"});
    }
    sink_({static_cast<const std::byte*>(piece.const_data_ptr()), piece.nbytes()});
  }

  std::string name_;
  torch::ScalarType dtype_;
  const ByteSink& sink_;
};

/// [1, width], float64.
torch::Tensor mean_of(const torch::Tensor& rows) {
  auto sum = torch::zeros({rows.size(1)}, torch::kFloat64);
  const int64_t step = std::max<int64_t>(1, kPiece / rows.size(1));
  for (int64_t begin = 0; begin < rows.size(0); begin += step) {
    sum += rows.slice(0, begin, std::min(rows.size(0), begin + step)).sum(0, /*keepdim=*/false, torch::kFloat64);
  }
  return (sum / rows.size(0)).unsqueeze(0);
}

}  // namespace

TensorSource converted_tensor(const StoredTensor& stored, const std::string& name, DType dtype) {
  TensorSource source{.name = name, .dtype = dtype, .shape = stored.view->shape, .produce = {}};
  const int64_t count = stored.view->element_count();
  const int64_t width = std::clamp<int64_t>(count, 1, kPiece);
  const auto values = rows_of(stored, 1).flatten();
  source.produce = [source, values, width](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const Writer writer(source, sink);
    for (int64_t begin = 0; begin < values.size(0); begin += width) {
      writer.write(values.slice(0, begin, std::min(values.size(0), begin + width)).unsqueeze(0));
    }
  };
  return source;
}

TensorSource resized_table(const StoredTensor& stored, const std::string& name, DType dtype, int64_t rows,
                           int64_t older) {
  const int64_t width = stored.view->shape.at(1);
  TensorSource source{.name = name, .dtype = dtype, .shape = {rows, width}, .produce = {}};
  const auto table = rows_of(stored, width);
  const int64_t kept = std::min({rows, older, table.size(0)});
  source.produce = [source, table, rows, kept](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const Writer writer(source, sink);
    const auto old = table.slice(0, 0, kept);
    writer.write(old);
    if (kept == rows) return;
    // Float32 first: the values of every precision are rounded once from there.
    writer.write(mean_of(old).to(torch::kFloat32).expand({rows - kept, -1}));
  };
  return source;
}

TensorSource resized_positions(const StoredTensor& stored, const std::string& name, DType dtype, int64_t side) {
  const int64_t width = stored.view->shape.at(1);
  const int64_t stored_side = std::llround(std::sqrt(static_cast<double>(stored.view->shape.at(0))));
  TensorSource source{.name = name, .dtype = dtype, .shape = {side * side, width}, .produce = {}};
  const auto table = rows_of(stored, width);
  source.produce = [source, table, side, stored_side, width](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const auto grid = table.to(torch::kFloat32).reshape({1, stored_side, stored_side, width}).permute({0, 3, 1, 2});
    const auto resized = torch::upsample_bicubic2d(grid, {side, side}, /*align_corners=*/false);  // [1, D, s, s]
    Writer(source, sink).write(resized.permute({0, 2, 3, 1}).reshape({side * side, width}));
  };
  return source;
}

}  // namespace fusion
