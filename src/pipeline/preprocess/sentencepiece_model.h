#pragma once
// The sentencepiece library behind an interface of our own: checked loading, and decoding one piece at a time.

#include <sentencepiece_processor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

inline constexpr std::string_view kUnderline = "\xE2\x96\x81";  // U+2581, SentencePiece's space

/// A loaded tokenizer.model.
class SentencePieceModel {
 public:
  enum class Kind : uint8_t { kText, kControl, kUnknown, kByte };

  /// `dummy_prefix` false switches the file's own leading space off. Throws Error on a file that is no model.
  SentencePieceModel(const std::string& path, bool dummy_prefix);

  int64_t size() const { return static_cast<int64_t>(kinds_.size()); }
  Kind kind(int64_t id) const { return kinds_[static_cast<size_t>(id)]; }
  const std::string& piece(int64_t id) const { return processor_->IdToPiece(static_cast<int>(id)); }
  /// The id of the piece; that of the unknown one where there is none.
  int64_t id_of(std::string_view piece) const { return processor_->PieceToId(piece); }
  uint8_t byte(int64_t id) const;
  /// The library's decoding drops a space at the front.
  bool strips_first_space() const { return strips_first_space_; }

  std::vector<int64_t> encode(std::string_view text) const;

 private:
  std::unique_ptr<sentencepiece::SentencePieceProcessor> processor_;
  std::vector<Kind> kinds_;
  bool strips_first_space_ = false;
};

/// What the library's Decode does to one list of pieces, in the form of a stream.
class PieceStream {
 public:
  explicit PieceStream(const SentencePieceModel& model) : model_(model) {}

  /// Appends what is certain now. `piece` is the piece of `id`, or a text that is no piece with the unknown id.
  void push(int64_t id, std::string_view piece, std::string& out);
  /// Writes bytes that never became a character, one U+FFFD each, and starts anew.
  void finish(std::string& out);

 private:
  void push_byte(uint8_t byte, std::string& out);
  void drop_bytes(std::string& out);

  const SentencePieceModel& model_;
  std::string bytes_;     // an unfinished character
  bool at_front_ = true;  // a space is still dropped
};

}  // namespace fusion
