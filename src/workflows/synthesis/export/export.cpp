#include "workflows/synthesis/export/export.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "foundation/config/input_file.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/export/folder_swap.h"
#include "workflows/synthesis/export/llava_record.h"
#include "workflows/synthesis/export/split.h"
#include "workflows/synthesis/export/tar_shards.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

size_t index_of(Split split) {
  return static_cast<size_t>(split);
}

std::string mixture_path(const std::string& folder, Split split) {
  return cat(folder, "/", split == Split::kTrain ? "mixture" : split_name(split), ".yaml");
}

std::string records_path(const std::string& folder, Split split) {
  return cat(folder, "/data/", split_name(split), ".jsonl");
}

std::string mixture_text(Split split, const PartCounts& counts) {
  return cat("# ", whole_text(counts.records), " records about ", whole_text(counts.pictures),
             " pictures. `fusion data check` and `fusion train` read this file.\ndatasets:\n  - json_path: data/",
             split_name(split), ".jsonl\n    image_folder: .\n");
}

/// The files of one part, until commit() without their names.
class Part {
 public:
  Part(const std::string& folder, Split split) : folder_(folder), split_(split) {}

  void add(const std::string& line) {
    constexpr size_t kPiece = size_t{1} << 18;
    if (!records_) records_.emplace(records_path(folder_, split_));
    waiting_ += line;
    if (waiting_.size() >= kPiece) flush();
  }

  void finish(const PartCounts& counts) {
    if (!records_) return;
    flush();
    records_->finish();
    mixture_.emplace(mixture_path(folder_, split_));
    mixture_->write(mixture_text(split_, counts));
    mixture_->finish();
  }

  void commit() {
    if (records_) {
      records_->commit();
      mixture_->commit();
      return;
    }
    // An empty part is no data set; one of an earlier export would be read instead.
    for (const std::string& path : {mixture_path(folder_, split_), records_path(folder_, split_)}) {
      std::error_code code;
      fs::remove(path, code);
      if (code) throw Error({.who = path, .expected = "to remove it", .got = code.message()});
    }
  }

 private:
  void flush() {
    records_->write(waiting_);
    waiting_.clear();
  }

  std::string folder_;
  Split split_;
  std::string waiting_;
  std::optional<OutputFile> records_;
  std::optional<OutputFile> mixture_;
};

/// Tar files of all parts, in a folder that takes its place as a whole.
class TarFolder {
 public:
  TarFolder(const std::string& folder, const ExportOptions& options)
      : swap_(folder + "/webdataset"), rounds_apart_(options.rounds_apart) {
    const TarShardOptions limits{.max_samples = options.shard_samples,
                                 .max_bytes = static_cast<uint64_t>(options.shard_megabytes) * 1'000'000};
    for (const Split split : kSplits) {
      parts_.push_back(std::make_unique<TarShards>(swap_.path(), std::string(split_name(split)), limits));
    }
  }

  void add(Split split, const Item& item, const std::string& picture) {
    nlohmann::ordered_json sample;
    sample["caption"] = item.caption;
    sample["records"] = nlohmann::ordered_json::array();
    for (nlohmann::ordered_json& record : kept_records(item, rounds_apart_)) {
      record.erase("image");
      sample["records"].push_back(std::move(record));
    }
    const std::string text = json_line(sample);
    const std::string extension = fs::path(item.picture).extension().string();
    const TarMember members[] = {{.extension = extension, .bytes = std::as_bytes(std::span(picture))},
                                 {.extension = ".json", .bytes = std::as_bytes(std::span(text))}};
    parts_[index_of(split)]->add(item_key(item), members);
  }

  /// \return how many files there are
  int64_t finish() {
    int64_t files = 0;
    for (const auto& part : parts_) {
      part->finish();
      files += part->shards();
    }
    return files;
  }

  void commit() { swap_.commit(); }

 private:
  FolderSwap swap_;
  bool rounds_apart_;
  std::vector<std::unique_ptr<TarShards>> parts_;
};

void require_picture(const Item& item, const std::string& path) {
  std::error_code code;
  if (!item.picture.empty() && fs::is_regular_file(path, code)) return;
  throw Error({.who = path,
               .expected = cat("the picture of item ", item.id),
               .got = "no such file",
               .hint = "run `fusion synth` on the folder again: it draws what is missing"});
}

void make_folder(const std::string& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) throw Error({.who = path, .expected = "to make a folder", .got = code.message()});
}

/// One export under way.
class Exporter {
 public:
  Exporter(const std::string& folder, const ExportOptions& options)
      : folder_(folder), options_(options), shares_{.validation = options.validation, .test = options.test} {
    make_folder(folder + "/data");
    for (const Split split : kSplits) parts_.emplace_back(folder, split);
    if (options.webdataset) tars_.emplace(folder, options);
  }

  void add(const Item& item) {
    summary_.statistics.add(item);
    const Split split = split_of(item.caption, shares_);
    PartCounts& counts = summary_.splits[index_of(split)];
    const int64_t before = counts.records;
    for (const nlohmann::ordered_json& record : kept_records(item, options_.rounds_apart)) {
      parts_[index_of(split)].add(json_line(record));
      ++counts.records;
    }
    if (counts.records == before) return;
    ++counts.pictures;
    const std::string path = cat(folder_, "/", item.picture);
    require_picture(item, path);
    if (tars_) tars_->add(split, item, read_text_file(path, kMaxPictureBytes));
  }

  ExportSummary finish(const CardFacts& facts) {
    for (const Split split : kSplits) parts_[index_of(split)].finish(summary_.splits[index_of(split)]);
    if (tars_) summary_.tar_files = tars_->finish();
    OutputFile card(folder_ + "/README.md");
    card.write(data_card(facts, summary_.splits, summary_.tar_files, summary_.statistics));
    card.finish();
    if (tars_) {
      tars_->commit();
    } else {
      // Those of an export that was asked for them hold other records than are written now.
      std::vector<std::string_view> prefixes;
      for (const Split split : kSplits) prefixes.push_back(split_name(split));
      remove_tar_shards(folder_ + "/webdataset", prefixes);
    }
    for (Part& part : parts_) part.commit();
    card.commit();
    return std::move(summary_);
  }

 private:
  static constexpr uint64_t kMaxPictureBytes = uint64_t{256} << 20;

  std::string folder_;
  ExportOptions options_;
  SplitShares shares_;
  std::vector<Part> parts_;
  std::optional<TarFolder> tars_;
  ExportSummary summary_;
};

}  // namespace

ExportSummary export_items(ItemStream& items, const std::string& folder, const ExportOptions& options,
                           const CardFacts& facts) {
  require_valid(options, "export");
  Exporter exporter(folder, options);
  while (const auto item = items.next()) exporter.add(*item);
  return exporter.finish(facts);
}

}  // namespace fusion
