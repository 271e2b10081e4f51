#pragma once
// Items from someone's captions and pictures.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workflows/synthesis/endpoints/caption_entries.h"
#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/kinds/kind_registry.h"
#include "workflows/synthesis/kinds/pick_kinds.h"

namespace fusion {

/// Which kinds an item gets where its caption names none.
struct SourceKinds {
  std::shared_ptr<const KindRegistry> registry = {};
  std::vector<KindWeight> weights = {};
  int64_t kinds_per_picture = 1;
  uint64_t seed = 0;  ///< of the run
};

/// Items are the usable captions in the order of the file, counted from 0. What cannot be used is passed over and
/// counted. A lower number than the last starts from the beginning again.
class FileCaptions : public CaptionSource {
 public:
  std::optional<Item> caption(int64_t id) override;
  /// Of what was read so far, with the first ten.
  BrokenCaptions broken() const override { return broken_; }

 protected:
  /// \param open  begins to read
  FileCaptions(std::function<std::unique_ptr<CaptionEntries>()> open, KindChoice choice, SourceKinds kinds);
  /// What is wrong with the entry besides what was found when it was read; "" where nothing is.
  virtual std::string problem_of(const CaptionEntry& entry) const;

 private:
  std::optional<CaptionEntry> next_usable();

  std::function<std::unique_ptr<CaptionEntries>()> open_;
  KindChoice choice_;
  SourceKinds kinds_;
  std::unique_ptr<CaptionEntries> entries_;
  int64_t next_ = 0;  ///< number of the next usable entry
  BrokenCaptions broken_;
};

/// A file of captions: .txt, one a line, or .jsonl (jsonl_entries).
class CaptionFile : public FileCaptions {
 public:
  /// Throws Error where the file is not readable, its name ends otherwise, or the kinds do not fit (KindChoice).
  CaptionFile(const std::string& path, SourceKinds kinds);
};

/// A folder of pictures with their captions in captions.jsonl or captions.json (caption_entries.h), or, where there is
/// neither, in a NAME.txt beside each. Kinds that compare two pictures do not go with it: without weights it takes all
/// the others.
class PictureFolder : public FileCaptions {
 public:
  /// Throws Error where there is no such folder, and on a weight for a kind that compares two pictures.
  PictureFolder(const std::string& folder, SourceKinds kinds);

 protected:
  std::string problem_of(const CaptionEntry& entry) const override;

 private:
  std::string folder_;
  std::shared_ptr<const KindRegistry> registry_;
};

/// Gives the pictures of a PictureFolder, byte for byte.
class SourcePainter : public Painter {
 public:
  explicit SourcePainter(std::string folder) : folder_(std::move(folder)) {}
  /// Throws CallFailed where the path leaves the folder, and on a picture that is missing, broken or above 64 MiB.
  EncodedPicture draw(const Item& item, const CallContext& context) override;

 private:
  std::string folder_;
};

}  // namespace fusion
