#pragma once
// Stored tensors on their way into another checkpoint. All of them are read and written a few megabytes at a time.

#include <cstdint>
#include <string>

#include "foundation/checkpoint/checkpoint.h"
#include "foundation/checkpoint/safetensors_writer.h"

namespace fusion {

/// The tensor under another name in the precision `dtype` (kF32, kF16 or kBF16), rounded to nearest; the bytes as they
/// are where that is its own. The stored values must be floats: Error. While writing, a finite value that float16
/// cannot hold is an Error.
TensorSource converted_tensor(const StoredTensor& stored, const std::string& name, DType dtype);

/// The table [stored rows, width] cut or grown to `rows` rows. Rows from `older` on and rows that are not stored are
/// the mean of the stored ones before `older`, taken in float64: a token that is new begins as the average one.
/// (reference: fusion_arch.py, initialize_vision_tokenizer, after resize_token_embeddings)
TensorSource resized_table(const StoredTensor& stored, const std::string& name, DType dtype, int64_t rows,
                           int64_t older);

/// The position embeddings [g*g, width] of a square grid resized to [side*side, width], as transformers'
/// interpolate_pos_encoding does it: bicubic, align_corners off, no antialiasing; here always in float32.
TensorSource resized_positions(const StoredTensor& stored, const std::string& name, DType dtype, int64_t side);

}  // namespace fusion
