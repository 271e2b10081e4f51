#include "pipeline/preprocess/sentencepiece_model.h"

#include <charconv>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/tokenizer_settings.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

/// ModelProto{normalizer_spec{add_dummy_prefix: false}} on the wire: appended to a model it overrides that one field.
constexpr std::string_view kNoDummyPrefix("\x1A\x02\x18\x00", 4);
/// What the library writes for the unknown piece.
constexpr std::string_view kUnknownSurface = " \xE2\x81\x87 ";

/// "<0x41>" is the byte 0x41.
int byte_of(std::string_view piece) {
  unsigned value = 0;
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  return error == std::errc() && end == piece.data() + 5 ? static_cast<int>(value) : -1;
}

}  // namespace

SentencePieceModel::SentencePieceModel(const std::string& path, bool dummy_prefix)
    : processor_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {
  std::string bytes = read_text_file(path, kMaxTokenizerFile);
  if (!dummy_prefix) bytes += kNoDummyPrefix;
  const auto status = processor_->LoadFromSerializedProto(bytes);
  if (!status.ok()) {
    throw Error({.who = path,
                 .expected = "a SentencePiece model",
                 .got = printable(status.ToString(), 160),
                 .cause = "an incomplete download, a Git LFS pointer, or a tokenizer of another kind"});
  }
  const int size = processor_->GetPieceSize();
  if (size > kMaxVocabulary)
    throw Error({.who = path, .expected = cat("at most ", kMaxVocabulary, " pieces"), .got = cat(size)});
  kinds_.reserve(static_cast<size_t>(size));
  bool asked = false;
  for (int id = 0; id < size; ++id) {
    const std::string& text = processor_->IdToPiece(id);
    const Kind kind = processor_->IsControl(id)   ? Kind::kControl
                      : processor_->IsUnknown(id) ? Kind::kUnknown
                      : processor_->IsByte(id)    ? Kind::kByte
                                                  : Kind::kText;
    if (kind == Kind::kByte && byte_of(text) < 0) {
      throw Error({.who = cat(path, ": piece ", id), .expected = "a byte like <0x41>", .got = printable(text)});
    }
    kinds_.push_back(kind);
    if (!asked && kind == Kind::kText && text.starts_with(kUnderline)) {
      asked = true;
      std::string decoded;
      strips_first_space_ =
          processor_->Decode(std::vector<int>{id}, &decoded).ok() && decoded != replace_all(text, kUnderline, " ");
    }
  }
}

uint8_t SentencePieceModel::byte(int64_t id) const {
  return static_cast<uint8_t>(byte_of(piece(id)));
}

std::vector<int64_t> SentencePieceModel::encode(std::string_view text) const {
  std::vector<int> ids;
  const auto status = processor_->Encode(text, &ids);
  if (!status.ok()) {
    throw Error(
        {.who = "sentencepiece", .expected = "text that it can encode", .got = printable(status.ToString(), 160)});
  }
  return {ids.begin(), ids.end()};
}

void PieceStream::push(int64_t id, std::string_view piece, std::string& out) {
  const auto kind = model_.kind(id);
  if (kind == SentencePieceModel::Kind::kByte) {
    at_front_ = false;
    push_byte(model_.byte(id), out);
    return;
  }
  drop_bytes(out);
  if (kind == SentencePieceModel::Kind::kControl) return;
  if (kind == SentencePieceModel::Kind::kUnknown) {
    const std::string_view text = piece == model_.piece(id) ? kUnknownSurface : piece;
    out += text;
    if (!text.empty()) at_front_ = false;
    return;
  }
  if (at_front_ && model_.strips_first_space() && piece.starts_with(kUnderline)) {
    piece.remove_prefix(kUnderline.size());
    at_front_ = false;
  }
  while (!piece.empty()) {
    at_front_ = false;
    const bool space = piece.starts_with(kUnderline);
    out += space ? ' ' : piece[0];
    piece.remove_prefix(space ? kUnderline.size() : 1);
  }
}

void PieceStream::finish(std::string& out) {
  drop_bytes(out);
  at_front_ = true;
}

void PieceStream::push_byte(uint8_t byte, std::string& out) {
  bytes_ += static_cast<char>(byte);
  // The library gives up one byte at a time, unlike Python's decoder.
  while (!bytes_.empty()) {
    const Utf8Step step = utf8_front(bytes_);
    if (step.kind == Utf8Step::Kind::kIncomplete) return;
    const bool whole = step.kind == Utf8Step::Kind::kCharacter;
    const size_t length = whole ? step.length : 1;
    out += whole ? std::string_view(bytes_).substr(0, length) : kReplacement;
    bytes_.erase(0, length);
  }
}

void PieceStream::drop_bytes(std::string& out) {
  for (size_t i = 0; i < bytes_.size(); ++i) out += kReplacement;
  bytes_.clear();
}

}  // namespace fusion
