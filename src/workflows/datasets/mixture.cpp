#include "workflows/datasets/mixture.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <tuple>
#include <utility>

#include "foundation/config/fields.h"
#include "foundation/config/yaml_file.h"
#include "foundation/core/error.h"
#include "foundation/core/random_source.h"
#include "foundation/core/text.h"
#include "workflows/datasets/image_roots.h"
#include "workflows/datasets/word_count.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

/// An entry of the list as it is written.
struct Entry {
  std::string json_path;
  std::string sampling_strategy = "all";
  std::string image_folder;  ///< "": none of its own

  static constexpr auto fields() {
    return std::tuple(field("json_path", &Entry::json_path, "records, .json or .jsonl"),
                      defaulted("sampling_strategy", &Entry::sampling_strategy, "which of them"),
                      defaulted("image_folder", &Entry::image_folder, "where its pictures lie"));
  }
};

std::vector<Entry> read_entries(const std::string& path) {
  const nlohmann::json value = read_yaml_file(path);
  const JsonObject mixture(value, path);
  const nlohmann::json* list = mixture.find("datasets");
  mixture.refuse_unread_keys();
  if (list == nullptr || !list->is_array() || list->empty()) {
    throw Error({.who = path,
                 .expected = "datasets: a list of {json_path, sampling_strategy, image_folder}",
                 .got = list == nullptr ? "no such key" : "something else, or an empty list"});
  }
  std::vector<Entry> entries;
  entries.reserve(list->size());
  for (size_t i = 0; i < list->size(); ++i) {
    entries.push_back(read_fields<Entry>(JsonObject((*list)[i], path, cat("datasets[", i, "]"))));
  }
  return entries;
}

bool is_yaml(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml");
}

int32_t length_of(const Record& record) {
  int64_t words = 0;
  for (const DatasetMessage& message : record.messages) words += count_words(message.value);
  const auto length = static_cast<int32_t>(std::clamp<int64_t>(words, 1, std::numeric_limits<int32_t>::max()));
  return record.image ? length : -length;
}

/// FNV-1a.
class Hash {
 public:
  void add(const void* data, size_t size) {
    for (size_t i = 0; i < size; ++i) value_ = (value_ ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3;
  }
  void add(uint64_t number) { add(&number, sizeof number); }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

std::shared_ptr<const Mixture> Mixture::open(const std::string& path, const MixtureOptions& options) {
  const fs::path parent = fs::path(path).parent_path();
  const fs::path folder = parent.empty() ? "." : parent;
  std::vector<Entry> entries;
  if (is_yaml(path)) {
    entries = read_entries(path);
  } else {
    Entry whole;
    whole.json_path = fs::path(path).filename().string();
    entries.push_back(whole);
  }
  std::vector<std::string> roots;
  roots.reserve(options.image_roots.size());
  for (const std::string& root : options.image_roots) roots.push_back(image_root(root, "image root"));

  const std::shared_ptr<Mixture> mixture(new Mixture);
  int64_t total = 0;
  for (const Entry& entry : entries) {
    const auto index = mixture->data_sets_.size();
    const std::string who = cat(path, ": datasets[", index, "]");
    const SamplingStrategy strategy = parse_sampling_strategy(entry.sampling_strategy, who);
    auto file = std::make_unique<RecordFile>((folder / entry.json_path).lexically_normal().string());
    DataSet set{.path = file->path(), .strategy = entry.sampling_strategy, .first = total, .in_file = file->size()};
    set.size = strategy.count_of(set.in_file);
    if (set.size == 0 || set.in_file > std::numeric_limits<uint32_t>::max()) {
      throw Error({.who = file->path(),
                   .expected = "some records, 4 billion at most",
                   .got = set.size == 0 ? "none" : cat(set.in_file)});
    }
    std::vector<uint32_t> kept;
    if (set.size < set.in_file) {
      const auto indices = sampled_indices(strategy, set.in_file, RandomSource(options.seed, index).below(UINT64_MAX));
      kept.assign(indices.begin(), indices.end());
    }
    std::vector<std::string> own_roots = roots;
    if (!entry.image_folder.empty()) own_roots.push_back(image_root((folder / entry.image_folder).string(), who));
    own_roots.push_back(image_root(folder.string(), who));

    total += set.size;
    mixture->data_sets_.push_back(std::move(set));
    mixture->files_.push_back(std::move(file));
    mixture->kept_.push_back(std::move(kept));
    mixture->image_roots_.push_back(std::move(own_roots));
  }
  mixture->lengths_.resize(static_cast<size_t>(total));
  mixture->read_lengths(options);
  mixture->fingerprint_ = mixture->compute_fingerprint(options.seed);
  return mixture;
}

void Mixture::read_lengths(const MixtureOptions& options) {
  constexpr int64_t kBlock = 1 << 14;  // records between two reports
  constexpr int64_t kGrain = 64;
  for (int64_t begin = 0; begin < size(); begin += kBlock) {
    const int64_t end = std::min(size(), begin + kBlock);
    at::parallel_for(begin, end, kGrain, [this](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i) {
        try {
          lengths_[static_cast<size_t>(i)] = length_of(record(i));
        } catch (const Error&) {
          lengths_[static_cast<size_t>(i)] = 0;  // whoever reads the record says why
        }
      }
    });
    if (options.on_progress) options.on_progress(static_cast<uint64_t>(end), static_cast<uint64_t>(size()));
  }
}

uint64_t Mixture::compute_fingerprint(uint64_t seed) const {
  Hash hash;
  for (size_t i = 0; i < data_sets_.size(); ++i) {
    const DataSet& set = data_sets_[i];
    hash.add(files_[i]->bytes());
    hash.add(static_cast<uint64_t>(set.size));
    hash.add(set.strategy.data(), set.strategy.size());
    if (set.strategy.starts_with("random")) hash.add(seed);
  }
  hash.add(lengths_.data(), lengths_.size() * sizeof(int32_t));
  return hash.value();
}

int64_t Mixture::data_set_of(int64_t i) const {
  const auto behind = std::ranges::upper_bound(data_sets_, i, {}, &DataSet::first);
  return behind - data_sets_.begin() - 1;
}

int64_t Mixture::index_in_file(int64_t i, int64_t data_set) const {
  const auto set = static_cast<size_t>(data_set);
  const int64_t place = i - data_sets_[set].first;
  return kept_[set].empty() ? place : kept_[set][static_cast<size_t>(place)];
}

Record Mixture::record(int64_t i) const {
  const int64_t set = data_set_of(i);
  Record record = files_[static_cast<size_t>(set)]->parse(index_in_file(i, set));
  record.data_set = set;
  return record;
}

std::string Mixture::id(int64_t i) const {
  try {
    return record(i).id;
  } catch (const Error&) {
    return "";
  }
}

std::string Mixture::describe(int64_t i) const {
  const int64_t set = data_set_of(i);
  const std::string place = files_[static_cast<size_t>(set)]->describe(index_in_file(i, set));
  const std::string name = id(i);
  return name.empty() ? place : cat(place, " (id ", printable(name), ")");
}

std::string Mixture::picture_path(const Record& record) const {
  return find_image(record.image.value_or(""), image_roots_[static_cast<size_t>(record.data_set)], "image");
}

}  // namespace fusion
