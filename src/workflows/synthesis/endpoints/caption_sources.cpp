#include "workflows/synthesis/endpoints/caption_sources.h"

#include <algorithm>
#include <filesystem>

#include "foundation/config/input_file.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/endpoints/image_endpoint.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;

constexpr size_t kShownBroken = 10;
constexpr uint64_t kMaxSourceBytes = uint64_t{64} << 20;

std::function<std::unique_ptr<CaptionEntries>()> opener(const std::string& path) {
  if (path.ends_with(".txt")) return [path] { return text_entries(path); };
  if (path.ends_with(".jsonl")) return [path] { return jsonl_entries(path); };
  throw Error({.who = path,
               .expected = "a name that ends with .txt (a caption a line) or .jsonl (a record a line)",
               .got = "another one"});
}

std::function<std::unique_ptr<CaptionEntries>()> folder_opener(const std::string& folder) {
  const std::string lines = (fs::path(folder) / "captions.jsonl").string();
  const std::string array = (fs::path(folder) / "captions.json").string();
  if (fs::exists(lines)) return [lines] { return jsonl_entries(lines); };
  if (fs::exists(array)) return [array] { return json_entries(array); };
  return [folder] { return paired_entries(folder); };
}

KindChoice choice_of(const SourceKinds& kinds) {
  return {*kinds.registry, kinds.weights, kinds.kinds_per_picture};
}

KindChoice one_picture_choice(const SourceKinds& kinds, const std::string& folder) {
  std::vector<KindWeight> weights = kinds.weights;
  for (const KindWeight& each : kinds.weights) {
    if (kinds.registry->find(each.kind).pictures == 1) continue;
    throw Error({.who = cat("kind ", each.kind),
                 .expected = cat("one that asks about a single picture, for those of ", folder),
                 .got = "one that compares two"});
  }
  for (const Kind& kind : kinds.registry->kinds()) {
    if (kinds.weights.empty() && kind.pictures == 1) weights.push_back({.kind = kind.name});
  }
  return {*kinds.registry, weights, kinds.kinds_per_picture};
}

/// Where the picture lies, if that is a file below the folder, links followed; else why not.
struct PicturePath {
  std::string path = {};
  std::string problem = {};
};

PicturePath find_picture(const std::string& folder, const std::string& picture) {
  if (picture.empty()) return {.problem = "names no picture"};
  std::error_code code;
  const fs::path root = fs::canonical(folder, code);
  const fs::path path = code ? fs::path() : fs::canonical(root / picture, code);
  if (code || !fs::is_regular_file(path, code)) return {.problem = cat("no picture ", printable(picture))};
  const auto leaves = std::ranges::mismatch(root, path).in1 != root.end();
  if (leaves) return {.problem = cat("the picture ", printable(picture), " lies outside of the folder")};
  return {.path = path.string()};
}

}  // namespace

FileCaptions::FileCaptions(std::function<std::unique_ptr<CaptionEntries>()> open, KindChoice choice, SourceKinds kinds)
    : open_(std::move(open)), choice_(std::move(choice)), kinds_(std::move(kinds)), entries_(open_()) {}

std::string FileCaptions::problem_of(const CaptionEntry& entry) const {
  const std::vector<std::string> names = kinds_.registry->names();
  for (const std::string& kind : entry.kinds) {
    if (std::ranges::find(names, kind) == names.end()) return cat("there is no kind ", printable(kind));
    if (std::ranges::count(entry.kinds, kind) > 1) return cat("the kind ", kind, " stands there twice");
    if (kinds_.registry->find(kind).pictures != kinds_.registry->find(entry.kinds.front()).pictures) {
      return cat(kind, " and ", entry.kinds.front(), " do not ask about as many pictures");
    }
  }
  return "";
}

std::optional<CaptionEntry> FileCaptions::next_usable() {
  while (std::optional<CaptionEntry> entry = entries_->next()) {
    const std::string problem = entry->problem.empty() ? problem_of(*entry) : entry->problem;
    if (problem.empty()) {
      ++next_;
      return entry;
    }
    ++broken_.count;
    if (broken_.first.size() < kShownBroken) broken_.first.push_back(cat(entry->source, ": ", problem));
  }
  return std::nullopt;
}

std::optional<Item> FileCaptions::caption(int64_t id) {
  if (id < next_) {
    entries_ = open_();
    next_ = 0;
    broken_ = {};
  }
  std::optional<CaptionEntry> entry;
  while (next_ <= id) {
    entry = next_usable();
    if (!entry && next_ == 0 && broken_.count > 0) {
      throw Error({.who = "the captions",
                   .expected = "one that can be used",
                   .got = cat("none among ", broken_.count),
                   .cause = broken_.first.front()});
    }
    if (!entry) return std::nullopt;
  }
  Item item;
  item.id = id;
  item.kinds = entry->kinds.empty() ? choice_.pick_kinds(kinds_.seed, id) : std::move(entry->kinds);
  item.caption = std::move(entry->caption);
  item.source = std::move(entry->source);
  item.source_picture = std::move(entry->picture);
  return item;
}

CaptionFile::CaptionFile(const std::string& path, SourceKinds kinds)
    : FileCaptions(opener(path), choice_of(kinds), kinds) {}

PictureFolder::PictureFolder(const std::string& folder, SourceKinds kinds)
    : FileCaptions(folder_opener(folder), one_picture_choice(kinds, folder), kinds),
      folder_(folder),
      registry_(kinds.registry) {}

std::string PictureFolder::problem_of(const CaptionEntry& entry) const {
  std::string problem = FileCaptions::problem_of(entry);
  for (const std::string& kind : entry.kinds) {
    if (problem.empty() && registry_->find(kind).pictures != 1) problem = cat(kind, " compares two pictures");
  }
  return problem.empty() ? find_picture(folder_, entry.picture).problem : problem;
}

EncodedPicture SourcePainter::draw(const Item& item, const CallContext&) {
  const PicturePath found = find_picture(folder_, item.source_picture);
  if (!found.problem.empty()) {
    throw CallFailed({.who = folder_, .expected = "a picture of the folder", .got = found.problem});
  }
  try {
    const std::string text = read_text_file(found.path, kMaxSourceBytes);
    const auto bytes = std::as_bytes(std::span(text));
    decode_picture(bytes, found.path);
    return {.bytes = {bytes.begin(), bytes.end()}, .extension = picture_extension(bytes)};
  } catch (const Error& error) {
    throw CallFailed(error.parts());
  }
}

}  // namespace fusion
